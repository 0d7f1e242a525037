/// A format, as a value that can be compared and kept: ``CheckpointFormat`` says what it does.
///
/// Each format's target adds its own as a constant, such as `.pytorch`; all of them, and how the
/// format of a file is found, are in `Interchange`.
public struct FileFormat: Sendable {
  /// What the format does.
  public let implementation: any CheckpointFormat

  /// The format that an implementation is of.
  public init(_ implementation: any CheckpointFormat) { self.implementation = implementation }

  /// The name by which options and reports know it. See ``CheckpointFormat/id``.
  public var id: String { implementation.id }
  /// The name in a sentence.
  public var displayName: String { implementation.displayName }
  /// The endings of the names of such files, the usual one first.
  public var endings: [String] { implementation.endings }
  /// What files of the format can hold.
  public var traits: FormatTraits { implementation.traits }

  /// Whether the format has options of this type.
  public func understands(_ options: any FormatOptions.Type) -> Bool {
    traits.options.map { $0 == options } ?? false
  }
}

extension FileFormat: Hashable {
  /// Whether two are the same format.
  public static func == (first: FileFormat, second: FileFormat) -> Bool { first.id == second.id }

  /// Feeds the format's name to a hasher.
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension FileFormat: CustomStringConvertible {
  /// The format's ``id``.
  public var description: String { id }
}
