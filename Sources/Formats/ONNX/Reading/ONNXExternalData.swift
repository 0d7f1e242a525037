import Checkpoints
import Files

/// A part of another file, in which the elements of a tensor are.
struct ONNXExternalRange: Sendable {
  /// The bytes: tensors of which these are equal have the same elements.
  struct Place: Hashable, Sendable {
    /// The file, by its path from the model's folder.
    let location: ExactString
    /// Where the elements are in it.
    let range: Range<Int>
  }

  let place: Place
  /// Whether there is a checksum of the file.
  let hasChecksum: Bool

  /// What the entries of a tensor say.
  ///
  /// - Parameter tensorByteCount: The bytes that the elements take.
  /// - Throws: `CheckpointError`: `refused` for a path that leads out of the model's folder, `damaged` for a
  ///   range that is none.
  init(
    _ entries: [(key: String, value: String)], tensorByteCount: Int, _ reader: ProtobufReader
  ) throws(CheckpointError) {
    var members: [String: String] = [:]
    for entry in entries {
      guard members.updateValue(entry.value, forKey: entry.key) == nil else {
        throw reader.damaged("it says twice what its \(entry.key) in another file is")
      }
    }
    guard let location = members["location"] else {
      throw reader.damaged("it does not say which file has its elements")
    }
    guard Self.isInside(location) else {
      throw reader.error(
        .refused,
        "its elements are in \"\(ProtobufReader.short(location))\", which is no path within the model's folder"
      )
    }
    func number(_ key: String) throws(CheckpointError) -> Int? {
      guard let text = members[key] else { return nil }
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int(text)
      else {
        throw reader.damaged("its \(key) is \"\(ProtobufReader.short(text))\", which is no number")
      }
      return number
    }
    let offset = try number("offset") ?? 0
    let length = try number("length") ?? tensorByteCount
    guard length == tensorByteCount else {
      throw reader.damaged(
        "its elements take \(tensorByteCount) bytes, and it has \(length) in "
          + ProtobufReader.short(location))
    }
    let (end, overflow) = offset.addingReportingOverflow(length)
    guard !overflow else { throw reader.damaged("its offset \(offset) is outside of any file") }
    place = Place(location: ExactString(location), range: offset..<end)
    hasChecksum = members["checksum"] != nil
  }

  /// Whether a path is that of something in a folder: relative, with names and nothing else between its slashes.
  private static func isInside(_ path: String) -> Bool {
    guard path.utf8.count <= 4096, !path.utf8.contains(0) else { return false }
    return path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .allSatisfy { part in
        !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
      }
  }
}

/// The files beside a model that have elements of its tensors, each opened once.
struct ONNXExternalFiles {
  /// The folder of the model, with a slash at its end; empty if it is the current one.
  let folder: String
  private let model: String
  /// The files by their paths from the folder.
  private(set) var files: [ExactString: InputFile] = [:]

  /// Those of a model.
  init(_ model: String) {
    self.model = model
    folder = model.lastIndex(of: "/").map { String(model[...$0]) } ?? ""
  }

  /// The file at a path from the folder.
  ///
  /// No part of the path may be a symbolic link: it could lead to any file of who reads the model. A hard link
  /// is the file itself, and cannot be told from it.
  ///
  /// - Throws: `CheckpointError`: `refused` for a link, `damaged` if it is not there, `inputOutput` if it cannot
  ///   be read or is no regular file.
  mutating func file(_ location: ExactString, of name: String) throws(CheckpointError) -> InputFile
  {
    if let known = files[location] { return known }
    let shown = ProtobufReader.short(location.string)
    let parts = location.string.utf8.split(separator: UInt8(ascii: "/")).map {
      String(Substring($0))
    }
    var part = folder
    for component in parts {
      part += component
      guard let status = FileStatus(ofLink: part) else {
        throw CheckpointError(
          .damaged, file: model, place: ProtobufReader.short(name),
          reason: "its elements are in \(shown), which is not beside the model",
          advice: "Fetch all files of the model into one folder.")
      }
      guard status.isFolder || status.isRegularFile else {
        throw CheckpointError(
          .refused, file: model, place: ProtobufReader.short(name),
          reason: "its elements are in \(shown), which is a symbolic link or no regular file",
          advice: "Put the file itself in its place, if it is the model's.")
      }
      part += "/"
    }
    // Not by the path, of which a part may be a link by now.
    let file = try reportingFileErrors(place: name) { () throws(FileError) in
      try InputFile(in: folder, parts)
    }
    files[location] = file
    return file
  }
}
