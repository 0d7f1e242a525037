import NN
import States
import Synchronization

extension ModelCatalog {
  /// A class that a program added.
  private struct Registration: Sendable {
    let describe: @Sendable (Module) -> [String: Value]?
    let make: @Sendable ([String: Value]) throws -> Module
  }

  private static let registrations = Mutex<[String: Registration]>([:])

  /// Adds a class of the program's own, so that descriptions can name it and models of it be described.
  ///
  /// ```swift
  /// ModelCatalog.register("TwoTowers", TwoTowers.self) { ["width": .int($0.width)] } make: {
  ///   TwoTowers(width: $0["width"]?.intValue ?? 8)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - name: The name in descriptions. Registering another class under it replaces the first.
  ///   - type: The class.
  ///   - describe: The arguments of a model of exactly this class, as JSON.
  ///   - make: A model of these arguments. What it throws becomes a ``ModelError`` with the place.
  /// - Throws: ``ModelError`` if the name is one of the library's.
  public static func register<M: Module>(
    _ name: String, _ type: M.Type, describe: @escaping @Sendable (M) -> [String: Value],
    make: @escaping @Sendable ([String: Value]) throws -> M
  ) throws(ModelError) {
    guard !names.contains(name), !name.isEmpty else {
      throw ModelError(
        reason: "\"\(name)\" cannot be registered: the library's own module has the name")
    }
    let registration = Registration(
      describe: { module in
        guard Swift.type(of: module) == M.self, let own = module as? M else { return nil }
        return describe(own)
      }, make: { try make($0) })
    registrations.withLock { $0[name] = registration }
  }

  /// The names that programs registered, sorted.
  static var registeredNames: [String] { registrations.withLock { $0.keys.sorted() } }

  /// A module of a registered class, of all arguments that are there; nil if the name is none.
  static func makeRegistered(
    _ name: String, _ arguments: inout LayerArguments
  ) throws(ModelError) -> Module? {
    guard let registration = registrations.withLock({ $0[name] }) else { return nil }
    do {
      return try registration.make(arguments.takeRest())
    } catch {
      throw ModelError(reason: "\(name): \((error as? ModelError)?.reason ?? "\(error)")")
    }
  }

  /// The name and the arguments of a module of a registered class.
  static func registered(_ module: Module) -> (name: String, arguments: [String: Value])? {
    let all = registrations.withLock { $0 }
    for (name, registration) in all.sorted(by: { $0.key < $1.key }) {
      if let arguments = registration.describe(module) { return (name, arguments) }
    }
    return nil
  }
}
