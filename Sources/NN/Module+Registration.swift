import Arrays
import Autograd
import Files

extension Module {
  /// Adds a parameter after all others. Equivalent to `torch.nn.Module.register_parameter`.
  ///
  /// That only a parameter can be one is checked by the compiler, where PyTorch raises a TypeError.
  ///
  /// - Parameter parameter: Nil to reserve the name.
  /// - Precondition: The name is not empty, has no dot, and no member has it.
  public final func registerParameter(_ name: String, _ parameter: Parameter?) {
    checkName(name, "parameter")
    registered.append(Member(name, .parameter(parameter)))
  }

  /// Adds a buffer after all others. Equivalent to `torch.nn.Module.register_buffer`.
  ///
  /// - Parameters:
  ///   - buffer: Nil to reserve the name.
  ///   - persistent: Whether the buffer is part of the state dict.
  /// - Returns: The buffer, to be read and assigned.
  /// - Precondition: The name is not empty, has no dot, and no member has it.
  @discardableResult
  public final func registerBuffer(
    _ name: String, _ buffer: Tensor?, persistent: Bool = true
  ) -> Buffer? {
    checkName(name, "buffer")
    let buffer = buffer.map { $0.asBuffer(persistent: persistent) }
    registered.append(Member(name, .buffer(buffer)))
    return buffer
  }

  /// Adds a module after all others. Equivalent to `torch.nn.Module.register_module`.
  ///
  /// - Parameter module: Nil to reserve the name.
  /// - Precondition: The name is not empty, has no dot, and no member has it.
  public final func registerModule(_ name: String, _ module: Module?) {
    checkName(name, "module")
    registered.append(Member(name, .module(module)))
  }

  /// Puts another value in the place of a registered buffer, which may have another shape.
  ///
  /// Equivalent to assigning a tensor to a registered name: it stays registered, and persistent or
  /// not as it was.
  ///
  /// - Precondition: A buffer of this name was registered with ``registerBuffer(_:_:persistent:)``.
  public final func setBuffer(_ name: String, _ value: Tensor?) {
    for (index, member) in registered.enumerated() where member.name == name {
      guard case .buffer(let old) = member.content else { break }
      let isPersistent = old?.isPersistent ?? true
      registered[index] = Member(
        name, .buffer(value.map { $0.asBuffer(persistent: isPersistent) }))
      return
    }
    trap("setBuffer: no buffer \"\(name)\" was registered in \(typeName)")
  }

  /// The buffer of a name or a path, such as `bn1.running_mean`. Equivalent to
  /// `torch.nn.Module.get_buffer`.
  public final func buffer(_ path: String) -> Buffer? {
    namedBuffers(removeDuplicate: false).first { $0.name == path }?.buffer
  }

  /// The parameter of a name or a path, such as `conv1.weight`. Equivalent to
  /// `torch.nn.Module.get_parameter`.
  public final func parameter(_ path: String) -> Parameter? {
    namedParameters(removeDuplicate: false).first { $0.name == path }?.parameter
  }

  /// The module of a path, such as `layer1.0`; this one if it is empty. Equivalent to
  /// `torch.nn.Module.get_submodule`.
  public final func submodule(_ path: String) -> Module? {
    namedModules(removeDuplicate: false).first { $0.name == path }?.module
  }

  final func checkName(_ name: String, _ kind: String) {
    require(!name.isEmpty, "\(kind) name can't be empty string \"\"")
    require(!name.contains("."), "\(kind) name can't contain \".\", got: \(name)")
    require(
      !members().contains { $0.name == name },
      "attribute '\(name)' already exists in \(typeName)")
  }
}

extension Tensor {
  fileprivate final func asBuffer(persistent: Bool) -> Buffer {
    if let buffer = self as? Buffer, buffer.isPersistent == persistent { return buffer }
    return Buffer(self, persistent: persistent)
  }
}
