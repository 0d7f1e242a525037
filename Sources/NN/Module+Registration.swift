import Arrays
import Autograd
import Files

extension Module {
  /// Adds a parameter after all other members. Equivalent to `torch.nn.Module.register_parameter`.
  ///
  /// PyTorch raises a TypeError for anything that is not a parameter; here it does not compile.
  ///
  /// - Parameters:
  ///   - name: The name in the state dict.
  ///   - parameter: The parameter; nil reserves the name.
  /// - Precondition: The name is not empty, has no dot, and is not taken.
  public final func registerParameter(_ name: String, _ parameter: Parameter?) {
    checkName(name, "parameter")
    registered.append(Member(name, .parameter(parameter)))
  }

  /// Adds a buffer after all other members. Equivalent to `torch.nn.Module.register_buffer`.
  ///
  /// - Parameters:
  ///   - name: The name in the state dict.
  ///   - buffer: The initial value; nil reserves the name.
  ///   - persistent: Whether the buffer is in the state dict.
  /// - Returns: The buffer, for reading and assigning.
  /// - Precondition: The name is not empty, has no dot, and is not taken.
  @discardableResult
  public final func registerBuffer(
    _ name: String, _ buffer: Tensor?, persistent: Bool = true
  ) -> Buffer? {
    checkName(name, "buffer")
    let buffer = buffer.map { $0.asBuffer(persistent: persistent) }
    registered.append(Member(name, .buffer(buffer)))
    return buffer
  }

  /// Adds a submodule after all other members. Equivalent to `torch.nn.Module.register_module`.
  ///
  /// - Parameters:
  ///   - name: The name in the state dict.
  ///   - module: The module; nil reserves the name.
  /// - Precondition: The name is not empty, has no dot, and is not taken.
  public final func registerModule(_ name: String, _ module: Module?) {
    checkName(name, "module")
    registered.append(Member(name, .module(module)))
  }

  /// Replaces a registered buffer by another, possibly of a different shape.
  ///
  /// Equivalent to assigning a tensor to a registered name: it remains registered, and persistent
  /// or not as before.
  ///
  /// - Parameters:
  ///   - name: The name given to ``registerBuffer(_:_:persistent:)``; any other traps.
  ///   - value: The new value; nil reserves the name.
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

  /// The buffer with a name or path, such as `bn1.running_mean`; nil if there is none. Equivalent
  /// to `torch.nn.Module.get_buffer`, which raises an error instead.
  public final func buffer(_ path: String) -> Buffer? {
    namedBuffers(removeDuplicate: false).first { $0.name == path }?.buffer
  }

  /// The parameter with a name or path, such as `conv1.weight`; nil if there is none. Equivalent to
  /// `torch.nn.Module.get_parameter`, which raises an error instead.
  public final func parameter(_ path: String) -> Parameter? {
    namedParameters(removeDuplicate: false).first { $0.name == path }?.parameter
  }

  /// The module at a path, such as `layer1.0`; nil if there is none. The empty path is this module.
  /// Equivalent to `torch.nn.Module.get_submodule`, which raises an error instead.
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
