import Checkpoints
import HDF5
import States

extension MATLABReader {
  /// Reads a text, or the rows of an array of letters.
  mutating func readText(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes, _ path: String
  ) throws {
    guard let value = try text(dataset, attributes, path) else {
      return content.lose(
        .metadataDropped, path,
        "it is a text of the type \("\(dataset.datatype)".shortened) and of shape "
          + "\("\(dataset.shape)".shortened), or not of Unicode, which is not read")
    }
    content.add(value, at: path)
  }

  /// A text, or a list of the rows of an array of letters; nil if it is neither.
  private mutating func text(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes, _ path: String
  ) throws -> Value? {
    let letters: Letters
    if attributes.isEmpty {
      let lengths = try content.emptyLengths(of: dataset, at: path)
      content.note(path, "a text", ofEmpty: lengths)
      letters = .none
    } else {
      guard case .integer(_, false, _) = dataset.datatype, let width = Letters.width(in: dataset)
      else { return nil }
      letters = try content.letters(of: dataset, width: width, at: path)
    }
    guard let text = PythonText(attributes.python) else { return letters.value() }
    try content.budget.count(values: text.count, at: path)
    return text.value(letters)
  }

  // MARK: - Cells

  /// Reads a cell: a list, if all elements are texts, or each of its elements.
  mutating func readCell(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes, _ path: String, depth: Int
  ) throws {
    if attributes.isEmpty {
      let lengths = try content.emptyLengths(of: dataset, at: path)
      content.note(path, "a cell", ofEmpty: lengths)
      return content.add(.list([]), at: path)
    }
    guard dataset.datatype == .objectReference else {
      throw content.error(.damaged, path, "it is a cell, and its elements are no references")
    }
    let elements = try references(dataset, path)
    content.note(path, "a cell", ofLengths: dataset.shape)
    if let texts = try texts(elements, path) { return content.add(.list(texts), at: path) }
    for (number, element) in elements.enumerated() {
      try read(element: element, "\(path).\(number)", depth: depth + 1)
    }
  }

  /// The addresses that a dataset of references has; 0 for references to nothing.
  mutating func references(_ dataset: HDF5ScannedDataset, _ path: String) throws -> [UInt64] {
    let bytes = try content.bytes(of: dataset, at: path)
    return try dataset.values(decoding: bytes).map { value in
      guard case .objectReference(let reference) = value else { return 0 }
      return reference.rawValue
    }
  }

  /// The elements of a cell, if all of them are single texts.
  private mutating func texts(_ elements: [UInt64], _ path: String) throws -> [Value]? {
    var texts: [Value] = []
    for (number, element) in elements.enumerated() {
      guard element != 0 else { return nil }
      let path = "\(path).\(number)"
      try content.visit(path, depth: 1)
      let object = try scan.object(at: element, path: path)
      guard case .dataset(let dataset) = object else { return nil }
      let attributes = try attributes(of: object, path)
      guard attributes.className == "char", attributes.others.isEmpty,
        attributes.python.change == nil, !attributes.areOfBallast,
        let value = try text(dataset, attributes, path), case .string = value
      else { return nil }
      texts.append(value)
    }
    return elements.isEmpty ? nil : texts
  }
}
