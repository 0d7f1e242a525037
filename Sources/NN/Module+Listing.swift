import Arrays
import Autograd
import Files

extension Module {
  /// This module and all submodules with their paths, parents first. Equivalent to
  /// `torch.nn.Module.named_modules`.
  ///
  /// - Parameters:
  ///   - prefix: The path of this module.
  ///   - removeDuplicate: Whether a module with several paths is listed under the first only.
  /// - Precondition: No module contains itself.
  public final func namedModules(
    prefix: String = "", removeDuplicate: Bool = true
  ) -> [(name: String, module: Module)] {
    var result: [(name: String, module: Module)] = []
    var seen: Set<ObjectIdentifier> = []
    collectModules(prefix, removeDuplicate, &seen, [], &result)
    return result
  }

  private final func collectModules(
    _ path: String, _ removeDuplicate: Bool, _ seen: inout Set<ObjectIdentifier>,
    _ parents: [Module], _ result: inout [(name: String, module: Module)]
  ) {
    require(
      !parents.contains { $0 === self },
      "the module at \"\(path)\" (\(typeName)) contains itself: keep references to parents outside "
        + "of stored module properties")
    if removeDuplicate && !seen.insert(ObjectIdentifier(self)).inserted { return }
    result.append((path, self))
    for case (let name, .module(let child?)) in members().map({ ($0.name, $0.content) }) {
      child.collectModules(
        Self.join(path, name), removeDuplicate, &seen, parents + [self], &result)
    }
  }

  static func join(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  /// The direct submodules with their names. Equivalent to `torch.nn.Module.named_children`.
  public final func namedChildren() -> [(name: String, module: Module)] {
    var seen: Set<ObjectIdentifier> = []
    return members().compactMap { member in
      guard case .module(let child?) = member.content,
        seen.insert(ObjectIdentifier(child)).inserted
      else { return nil }
      return (member.name, child)
    }
  }

  /// The direct submodules. Equivalent to `torch.nn.Module.children`.
  public final func children() -> [Module] { namedChildren().map(\.module) }

  /// This module and all submodules, parents first. Equivalent to `torch.nn.Module.modules`.
  public final func modules() -> [Module] { namedModules().map(\.module) }

  /// The parameters with their keys. Equivalent to `torch.nn.Module.named_parameters`.
  ///
  /// - Parameters:
  ///   - prefix: A path that is put before each key, with a dot between.
  ///   - recurse: Whether parameters of submodules are included.
  ///   - removeDuplicate: Whether a parameter with several names is listed under the first only.
  public final func namedParameters(
    prefix: String = "", recurse: Bool = true, removeDuplicate: Bool = true
  ) -> [(name: String, parameter: Parameter)] {
    named(prefix, recurse, removeDuplicate) { content -> Parameter? in
      if case .parameter(let parameter) = content { parameter } else { nil }
    }.map { (name: $0, parameter: $1) }
  }

  /// The parameters, each once. Equivalent to `torch.nn.Module.parameters`.
  ///
  /// - Parameter recurse: Whether parameters of submodules are included.
  public final func parameters(recurse: Bool = true) -> [Parameter] {
    namedParameters(recurse: recurse).map(\.parameter)
  }

  /// The buffers with their keys, persistent or not. Equivalent to `torch.nn.Module.named_buffers`.
  ///
  /// - Parameters:
  ///   - prefix: A path that is put before each key, with a dot between.
  ///   - recurse: Whether buffers of submodules are included.
  ///   - removeDuplicate: Whether a buffer with several names is listed under the first only.
  public final func namedBuffers(
    prefix: String = "", recurse: Bool = true, removeDuplicate: Bool = true
  ) -> [(name: String, buffer: Buffer)] {
    named(prefix, recurse, removeDuplicate) { content -> Buffer? in
      if case .buffer(let buffer) = content { buffer } else { nil }
    }.map { (name: $0, buffer: $1) }
  }

  /// The buffers, each once. Equivalent to `torch.nn.Module.buffers`.
  ///
  /// - Parameter recurse: Whether buffers of submodules are included.
  public final func buffers(recurse: Bool = true) -> [Buffer] {
    namedBuffers(recurse: recurse).map(\.buffer)
  }

  private final func named<T: Tensor>(
    _ prefix: String, _ recurse: Bool, _ removeDuplicate: Bool, _ pick: (Member.Content) -> T?
  ) -> [(String, T)] {
    let modules =
      recurse
      ? namedModules(prefix: prefix, removeDuplicate: removeDuplicate) : [(prefix, self)]
    var seen: Set<ObjectIdentifier> = []
    var result: [(String, T)] = []
    for (path, module) in modules {
      for member in module.members() {
        guard let tensor = pick(member.content),
          !removeDuplicate || seen.insert(ObjectIdentifier(tensor)).inserted
        else { continue }
        result.append((Self.join(path, member.name), tensor))
      }
    }
    return result
  }
}
