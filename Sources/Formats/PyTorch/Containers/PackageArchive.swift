import Checkpoints
import Files
import OrderedCollections
import States

/// The archive that `torch.package` writes: pickles by the names of a package, and the program that they need.
///
/// The storages are in `.data/`, as `0.storage`. The program, in Python, is not run, and not kept.
struct PackageArchive {
  private let zip: ZipArchive
  private let root: String

  /// A pickle that is compressed is expanded in memory; this is far more than any needs.
  private static let maximumExpandedPickle = 256 << 20
  private static let maximumPickleCount = 1000

  /// The folder that holds everything; nil if an archive is no such one.
  static func root(of zip: ZipArchive) -> String? {
    let marker = "/.data/extern_modules"
    let names = zip.entries.lazy.map(\.name).filter { $0.hasSuffix(marker) }
    return names.map { String($0.dropLast(marker.count)) }.first { !$0.contains("/") }
  }

  init(_ zip: ZipArchive, root: String) {
    self.zip = zip
    self.root = root
  }

  /// Interprets its pickles: the object of one, or a dictionary of those of several, by their names.
  ///
  /// - Parameter storages: Gives the values of tensors by the names of their storages.
  func unpickle(
    policy: PickleMachine.Policy, names: PickleNames, storages: PyTorchStorages
  ) throws(CheckpointError) -> PickleObject {
    let members = zip.entries.filter { $0.name.hasPrefix(root + "/") && !isOfPackage($0.name) }
    let pickles = members.filter { $0.name.hasSuffix(".pkl") }
    guard !pickles.isEmpty, pickles.count <= Self.maximumPickleCount else {
      throw CheckpointError(
        .unsupported, file: zip.file.path,
        reason: "it is a package of torch.package with \(pickles.count) pickles",
        advice: "A package with one to \(Self.maximumPickleCount) pickles is read.")
    }
    var machines: [PickleMachine] = []
    var objects: [(name: String, value: PickleValue)] = []
    for entry in pickles {
      let input = try input(entry)
      let machine = PickleMachine(input, policy: policy, names: names) {
        (value, machine) throws(CheckpointError) in
        try PersistentStorage.package(value, machine)
      }
      machines.append(machine)
      let value = try machine.run()
      try input.requireEnd()
      objects.append((String(entry.name.dropFirst(root.count + 1).dropLast(".pkl".count)), value))
    }
    let machine = machines[0]
    for other in machines.dropFirst() { machine.take(other) }
    report(members, to: machine)
    guard objects.count > 1 else {
      return PickleObject(root: objects[0].value, machine: machine, storages: storages)
    }
    let dict = try machine.adopt(PickleDict())
    for (name, value) in objects { try machine.set(dict, .string(name), value) }
    return PickleObject(root: .dict(dict), machine: machine, storages: storages, others: machines)
  }

  private func input(_ entry: ZipArchive.Entry) throws(CheckpointError) -> PickleInput {
    if let region = try zip.region(of: entry) {
      try zip.verifyCRC(of: entry)
      return PickleInput(region, name: entry.name)
    }
    let bytes = try zip.bytes(of: entry, limit: Self.maximumExpandedPickle)
    return PickleInput(bytes, file: zip.file.path, name: entry.name)
  }

  /// Whether a member is one that every package has, or a storage.
  private func isOfPackage(_ name: String) -> Bool {
    let name = name.dropFirst(root.count + 1)
    return name.hasPrefix(".data/") || name == "byteorder"
  }

  /// Tells what is not read.
  private func report(_ members: [ZipArchive.Entry], to machine: PickleMachine) {
    let programs = members.count { $0.name.hasSuffix(".py") }
    if programs > 0 {
      machine.losses.append(
        ConversionLoss(
          .architectureDropped, nil,
          "the program of the package, \(programs) file\(programs == 1 ? "" : "s") of Python, is not kept"
        ))
    }
    machine.losses.append(
      contentsOf: zip.entries.filter { !$0.name.hasPrefix(root + "/") }.map(\.besideRoot))
    for entry in members where !entry.name.hasSuffix(".py") && !entry.name.hasSuffix(".pkl") {
      machine.losses.append(
        ConversionLoss(
          .metadataDropped, String(entry.name.dropFirst(root.count + 1)),
          "the package's resource of \(entry.byteCount) bytes is not kept"))
    }
  }
}

extension PersistentStorage {
  /// `('storage', …)` as in zip archives; or `('reduce_package', number, function, arguments)`, an object
  /// that a function would make, which is not called.
  static func package(
    _ value: PickleValue, _ machine: PickleMachine
  ) throws(CheckpointError) -> PickleValue {
    guard let parts = value.elements, parts.first?.stringValue == "reduce_package" else {
      return try zip(value, machine)
    }
    guard parts.count >= 3, case .global(let function) = parts[parts.count - 2],
      let arguments = parts[parts.count - 1].elements
    else { throw machine.damaged("it refers to an object of a package in an unknown way") }
    return try machine.uncalled(function, arguments)
  }
}

extension ZipArchive.Entry {
  /// What is told of a member that is not in the folder that holds everything.
  var besideRoot: ConversionLoss {
    ConversionLoss(.metadataDropped, name, "it is beside the folder of the archive, and not read")
  }
}

extension PickleMachine {
  /// Takes what another machine has found out.
  fileprivate func take(_ other: PickleMachine) {
    uncalledNames.append(contentsOf: other.uncalledNames)
    firstTensorCall = firstTensorCall ?? other.firstTensorCall
    notes.append(contentsOf: other.notes)
    losses.append(contentsOf: other.losses)
  }
}
