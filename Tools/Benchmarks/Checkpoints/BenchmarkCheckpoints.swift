import Ballast
import Checkpoints

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ballast's side of `Tools/benchmark checkpoints`.
///
/// Reads one command a line, as `checkpoint_peers.py` does: its name and its arguments, separated
/// by tabs. Answers each with one line: the seconds it took, or `error` and a reason.
@main
struct BenchmarkCheckpoints {
  static func main() {
    var worker = Worker()
    while let line = readLine() {
      do {
        print(try worker.run(line.split(separator: "\t").map(String.init)))
      } catch {
        print("error \(error)")
      }
      fflush(nil)
    }
  }
}

/// Does what the commands say to one set of tensors.
struct Worker {
  private var checkpoint = Checkpoint(state: StateDict())
  /// What the last command brought into memory: kept, so that the driver sees how much it is.
  private var result: Any?

  /// - Returns: The seconds that the command took.
  mutating func run(_ command: [String]) throws -> Double {
    result = nil
    let path = command.dropFirst().first ?? ""
    switch command.first ?? "" {
    case "prepare":
      // Into memory of its own: tensors over a mapping would be copied from file to file.
      checkpoint = try Self.copied(OpenedCheckpoint(path, access: .verified))
      checkpoint.metadata = [:]
      return 0
    case "trim":
      giveBackMemory()
      return 0
    case "save": return try save(to: path, WriteOptions(), durable: false)
    case "save-durable": return try save(to: path, WriteOptions(), durable: true)
    case "save-compressed":
      let options = WriteOptions(compression: .init(level: 4, shuffle: true))
      return try save(to: path, options, durable: false)
    case "save-async": return try saveInBackground(to: path, changing: false)
    case "save-async-changing": return try saveInBackground(to: path, changing: true)
    case "save-keras": return try saveForKeras(to: path, template: command.last ?? "")
    case "load-lazy": return try load { try CheckpointFile(path).read(.mapped) }
    case "load": return try load { try CheckpointFile(path).read(.verified) }
    case "load-any": return try load { try Self.copied(OpenedCheckpoint(path, access: .verified)) }
    case "copy": return seconds { result = copies() }
    case "tiling":
      guard let count = command.last.flatMap({ Int($0) }), let tiling = Tiling(path, count) else {
        throw UnknownCommand(name: command.joined(separator: " "))
      }
      return try seconds { try BoxTiling.prove(tiling.boxes, of: tiling.shape) }
    case "write":
      return try seconds { try RawFile.save(checkpoint, to: path, durable: false) }
    case "write-durable":
      return try seconds { try RawFile.save(checkpoint, to: path, durable: true) }
    case "read": return try seconds { result = try RawFile.load(path, shapedAs: checkpoint) }
    case let other: throw UnknownCommand(name: other)
    }
  }

  private func save(to path: String, _ options: WriteOptions, durable: Bool) throws -> Double {
    var options = options
    options.isDurable = durable
    return try seconds { try CheckpointWriter.write(checkpoint, to: path, options: options) }
  }

  /// How long the training stands still: until the call returns and, if all tensors are changed
  /// in place at once, until that is done, for which they are copied.
  private mutating func saveInBackground(to path: String, changing: Bool) throws -> Double {
    var options = WriteOptions()
    options.isDurable = false
    var save: PendingSave?
    let elapsed = seconds {
      save = checkpoint.saveAsync(to: path, options: options)
      for key in changing ? Array(checkpoint.state.keys) : [] {
        guard var array = checkpoint.state.entries[key]?.array else { continue }
        // As an optimizer does it: nothing but the save refers to the elements besides.
        checkpoint.state.entries[key]?.array = NDArray(Float(0))
        array.withMutableContiguousBytes { $0[0] ^= 1 }
        checkpoint.state.entries[key]?.array = array
      }
    }
    try save?.wait()
    return elapsed
  }

  /// What a snapshot costs that copies everything at once.
  private func copies() -> [NDArray] {
    checkpoint.state.entries.values.map { $0.array.copied() }
  }

  /// A `.keras` archive or a `.weights.h5`, told by the name. The template is the model's config.
  private func saveForKeras(to path: String, template: String) throws -> Double {
    var options = WriteOptions()
    options.keras.template = template
    options.isDurable = false
    let format = path.hasSuffix(".keras") ? FileFormat.keras : .kerasWeights
    return try seconds { try checkpoint.write(to: path, format: format, options: options) }
  }

  private mutating func load(_ body: () throws -> Checkpoint) throws -> Double {
    var loaded = Checkpoint(state: StateDict())
    let elapsed = try seconds { loaded = try body() }
    result = loaded
    guard loaded.state.keys.count == checkpoint.state.keys.count else {
      throw UnknownCommand(name: "load: tensors are missing")
    }
    return elapsed
  }

  /// What was opened, with every tensor in memory of its own.
  private static func copied(_ opened: OpenedCheckpoint) -> Checkpoint {
    var checkpoint = opened.checkpoint
    for (key, entry) in checkpoint.state.entries {
      checkpoint.state.entries[key]?.array = entry.array.copied()
    }
    return checkpoint
  }
}

/// What the driver should not have asked for.
struct UnknownCommand: Error {
  let name: String
}

/// How long `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let elapsed = try ContinuousClock().measure(body)
  let (whole, fraction) = elapsed.components
  return Double(whole) + Double(fraction) * 1e-18
}

/// Gives memory that nothing uses back to the system, where glibc has a call for it.
private func giveBackMemory() {
  #if canImport(Glibc)
    // Its header is not in the module.
    typealias Trim = @convention(c) (_ kept: Int) -> CInt
    if let symbol = dlsym(nil, "malloc_trim") { _ = unsafeBitCast(symbol, to: Trim.self)(0) }
  #endif
}
