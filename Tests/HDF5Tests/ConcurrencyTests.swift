import HDF5
import LibHDF5
import TestSupport
import Testing

@Suite struct ConcurrencyTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func manyTasksWriteAndReadFilesOfTheirOwn() async throws {
    try await withThrowingTaskGroup { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<5 {
            let path = folder.file("\(task)-\(round).h5")
            let values = (0..<200).map { Int32($0 * task + round) }
            let file = try HDF5File.create(path)
            try file.root.createDataset("d", .int32, shape: [200]).write(values)
            try file.root.attributes.set("task", to: task)
            try file.close()
            let again = try HDF5File.open(path)
            #expect(try again.root.dataset("d").read(as: Int32.self) == values)
            #expect(try again.root.attributes.value("task", as: Int.self) == task)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func manyTasksShareOneFile() async throws {
    let file = try HDF5File.create(folder.file())
    let root = try file.root
    let shared = try root.createDataset("shared", .int64, shape: [16, 64])
    try await withThrowingTaskGroup { group in
      for task in 0..<16 {
        group.addTask {
          let row = HDF5Hyperslab(task..<task + 1, 0..<64)
          for round in 0..<5 {
            let values = [Int](repeating: task * 1000 + round, count: 64)
            try shared.write(values, row)
            #expect(try shared.read(as: Int.self, row) == values)
            try root.createGroup("g\(task)-\(round)")
            _ = try root.links()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try root.linkCount == 16 * 5 + 1)
    try file.close()
  }

  @Test func closingWhileOthersReadGivesErrorsAndNothingWorse() async throws {
    for _ in 0..<10 {
      let file = try HDF5File.createInMemory()
      let dataset = try file.root.createDataset("d", .int32, shape: [100])
      await withTaskGroup { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<20 {
              do {
                _ = try dataset.read(as: Int32.self)
              } catch {
                #expect((error as? HDF5Error)?.code == .closed)
              }
            }
          }
        }
        group.addTask { #expect(throws: Never.self) { try file.close() } }
      }
      #expect(!file.isOpen)
    }
  }

  @Test func failuresOnManyTasksKeepTheirOwnErrors() async {
    await withTaskGroup { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<20 {
            let path = folder.file("missing/\(task)-\(round).h5")
            let error = #expect(throws: HDF5Error.self) { try HDF5File.create(path) }
            #expect(error?.file == path)
            #expect(error?.code == .notFound)
          }
        }
      }
    }
  }
}
