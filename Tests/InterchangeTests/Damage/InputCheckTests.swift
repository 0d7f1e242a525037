import Checkpoints
import Files
import HDF5
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// What is told when a conversion failed and its input is not what it should be.
@Suite struct InputCheckTests {
  /// A source whose check throws, or finds something.
  private struct Source: CheckpointSource {
    let check: @Sendable () throws -> [CheckpointError]

    func read() throws -> ReadResult { ReadResult(Checkpoint(state: StateDict())) }
    func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
      var verification = Verification()
      verification.problems = try check()
      return verification
    }
    var facts: OrderedDictionary<String, Value> { [:] }
  }

  private static let lesser = CheckpointError(.unsupported, file: "out", reason: "it does not fit")
  private static let damage = CheckpointError(.damaged, file: "in", reason: "it is torn")
  private static let disk = FileError("read", path: "in", errno: 5)

  private func cause(
    of error: any Error = lesser, _ check: @escaping @Sendable () throws -> [CheckpointError]
  ) -> any Error {
    InputCheck(Source(check: check), of: Checkpoint(state: StateDict()), file: "in")
      .cause(of: error)
  }

  @Test func damageIsToldHoweverItIsFound() {
    let found = cause { [Self.damage] }
    #expect((found as? DamagedInput)?.problems == [Self.damage])
    let thrown = cause { throw Self.damage }
    #expect((thrown as? DamagedInput)?.problems == [Self.damage])
    let structure = cause {
      throw HDF5Error(.corrupt, operation: "open", message: "its heap is torn")
    }
    #expect((structure as? DamagedInput)?.problems.map(\.code) == [.damaged])
  }

  @Test func aDiskThatFailsIsTold() {
    let disk = CheckpointError(Self.disk)
    #expect(cause { throw Self.disk } as? CheckpointError == disk)
    #expect(cause { throw disk } as? CheckpointError == disk)
    let read = cause { throw HDF5Error(Self.disk, operation: "read") }
    #expect((read as? CheckpointError)?.cause == Self.disk)
    // What the system refuses of the output is not looked for in the input.
    let full = FileError("write", path: "out", errno: 28)
    #expect(cause(of: full) { [Self.damage] } as? FileError == full)
  }

  @Test func ofASoundInputTheConversionTells() {
    #expect(cause { [] } as? CheckpointError == Self.lesser)
    let refusal = CheckpointError(.refused, file: "in", reason: "it asks for too much")
    #expect(cause { throw refusal } as? CheckpointError == Self.lesser)
  }

  @Test func whatIsTooDamagedToCompareIsDamagedInput() throws {
    let check = InputCheck(
      Source { throw Self.damage }, of: Checkpoint(state: StateDict()), file: "in")
    #expect(throws: DamagedInput.self) { try check.finish() }
  }
}
