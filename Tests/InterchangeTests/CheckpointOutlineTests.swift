import Arrays
import Checkpoints
import Interchange
import OrderedCollections
import States
import Testing

@Suite struct CheckpointOutlineTests {
  /// What a reader would find: each tensor in memory of its own.
  private func written(
    _ outline: CheckpointOutline, carrying: (NDArray) -> NDArray = { $0 }
  ) throws -> OrderedDictionary<String, NDArray> {
    OrderedDictionary(
      uniqueKeysWithValues: try outline.tensors.map {
        ($0.name, carrying(try $0.array.converted(to: $0.dtype).copied()))
      })
  }

  private func restored(
    _ outline: CheckpointOutline, _ tensors: OrderedDictionary<String, NDArray>
  ) throws -> CheckpointOutline.Restored {
    try CheckpointOutline.restore(outline.json, tensors: tensors, file: "f")
  }

  @Test(arguments: [false, true]) func everythingComesBack(copyingTies: Bool) throws {
    let checkpoint = Checkpoint.rich()
    let outline = try CheckpointOutline(checkpoint, file: "f", copyingTies: copyingTies)
    #expect(
      outline.json == (try CheckpointOutline(.rich(), file: "f", copyingTies: copyingTies)).json)
    #expect(Set(outline.tensors.map(\.name)).count == outline.tensors.count)
    var tensors = try written(outline)
    // The order in which a file gives them does not matter.
    tensors.sort { $0.key > $1.key }
    let result = try restored(outline, tensors)
    checkpoint.expectSame(result.checkpoint)
    #expect(result.notes.isEmpty && result.unlistedKeys.isEmpty)
    #expect(copyingTies == outline.aliases.isEmpty)
    #expect(copyingTies == tensors.keys.contains("tied.weight"))
  }

  @Test func typesThatTheFormatCannotNameComeBack() throws {
    var checkpoint = Checkpoint.rich()
    checkpoint.state.entries = checkpoint.state.entries.filter { $0.key.contains(".") }
    let outline = try CheckpointOutline(checkpoint, file: "f") { _, _ in false }
    let tensors = try written(outline) { array in
      let real = array.dtype.realType
      let carrier: DType =
        switch array.dtype.itemSize {
        case 1: .uint8
        case 2: .uint16
        case 4: .uint32
        default: .uint64
        }
      return NDArray(
        storage: array.storage, dtype: real ?? carrier,
        layout: Layout(real == nil ? array.shape : Shape(array.shape.dimensions + [2])))
    }
    let result = try restored(outline, tensors)
    checkpoint.expectSame(result.checkpoint)
    #expect(result.notes.isEmpty)
  }

  @Test func convertedTensorsKeepTheirFormAndTies() throws {
    var options = WriteOptions()
    options.floatingPointType = .float16
    let outline = try CheckpointOutline(.rich(), file: "f", options: options)
    let result = try restored(outline, written(outline))
    #expect(result.checkpoint.state["zeta.weight"]?.dtype == .float16)
    #expect(result.checkpoint.state.ties.map(\.key) == ["tied.weight"])
    // The metadata is not converted, so it can no longer be the same tensor.
    #expect(
      result.checkpoint.metadata["nested"]?["dict"]?["x"]?.elements?[0].tensor?.dtype == .float32)
  }

  @Test func namesNeverMeet() throws {
    let checkpoint = Checkpoint(
      state: [
        "metadata/a": NDArray([1] as [Float]), "optimizer/state/w/m": NDArray([2] as [Float]),
        "w": NDArray([3] as [Float]),
      ],
      optimizer: OptimizerState(state: ["w": ["m": .tensor(NDArray([4] as [Float]))]]),
      metadata: ["a": .tensor(NDArray([5] as [Float]))])
    let outline = try CheckpointOutline(checkpoint, file: "f")
    checkpoint.expectSame(try restored(outline, written(outline)).checkpoint)
  }

  // MARK: - Files that were changed, or made to harm

  @Test func theFileIsRightWhereTheyDisagree() throws {
    let outline = try CheckpointOutline(.rich(), file: "f", copyingTies: true)
    var tensors = try written(outline)
    tensors["odd"] = nil
    tensors["metadata/rng"] = nil
    tensors["optimizer/state/zeta.weight/exp_avg"] = nil
    tensors["new"] = NDArray([1] as [Float])
    tensors["tied.weight"] = NDArray(zeros: [3, 4])
    tensors["flat.end"] = NDArray(zeros: [4])
    let result = try restored(outline, tensors)
    let checkpoint = result.checkpoint
    #expect(checkpoint.state["odd"] == nil && checkpoint.metadata["rng"] == nil)
    #expect(checkpoint.optimizer?.state["zeta.weight"]?.keys == ["step", "note"])
    #expect(result.unlistedKeys == ["new"] && checkpoint.state.keys.last == "new")
    #expect(
      checkpoint.state["tied.weight"]?.elements(as: Float.self).allSatisfy { $0 == 0 } == true)
    #expect(checkpoint.state["flat.end"]?.elements() == [0, 0, 0, 0] as [Float])
    #expect(checkpoint.state["flat"]?.elements(as: Float.self).last == 9)
    #expect(result.notes.count == 2)
    #expect(
      result.losses.map { "\($0.kind.rawValue) \($0.subject ?? "")" } == [
        "tensor_dropped odd", "optimizer_dropped optimizer/state/zeta.weight/exp_avg",
        "metadata_dropped metadata/rng",
      ])
  }

  @Test func aTypeOfItsOwnIsNotReinterpreted() throws {
    let state: StateDict = ["w": .patterned(.bfloat16, [3])]
    let outline = try CheckpointOutline(Checkpoint(state: state), file: "f") { _, _ in false }
    for other in [DType.float16, .int16, .uint32, .float32] {
      let result = try restored(outline, ["w": .patterned(other, [3])])
      #expect(result.checkpoint.state["w"]?.dtype == other)
      #expect(result.notes.count == 1)
    }
  }

  @Test(arguments: [
    "", "[]", "nul", "{}", #"{"ballast_outline": 0}"#, #"{"ballast_outline": "1"}"#,
    #"{"ballast_outline": 1, "tensors": {}}"#, #"{"ballast_outline": 1, "tensors": [1]}"#,
    #"{"ballast_outline": 1, "tensors": [{"key": "a"}, {"key": "a"}]}"#,
    #"{"ballast_outline": 1, "stored": [{"name": "a", "dtype": "float7"}]}"#,
    #"{"ballast_outline": 1, "stored": [{"name": "a", "view": {"storage": 1}}]}"#,
    #"{"ballast_outline": 1, "module_versions": {"": "1"}}"#,
    #"{"ballast_outline": 1, "optimizer": {}}"#,
    #"{"ballast_outline": 1, "optimizer": {"naming": "x", "state": [], "groups": []}}"#,
    #"{"ballast_outline": 1, "metadata": []}"#,
    #"{"ballast_outline": 1, "metadata": {"a": {}}}"#,
    #"{"ballast_outline": 1, "metadata": {"a": {"bytes": "f"}}}"#,
    #"{"ballast_outline": 1, "metadata": {"a": {"bytes": "+f"}}}"#,
    #"{"ballast_outline": 1, "metadata": {"a": {"float": "-1"}}}"#,
    #"{"ballast_outline": 1, "metadata": {"a": {"bigint": "1x"}}}"#,
    #"{"ballast_outline": 1, "metadata": {"a": {"run": "os.system"}}}"#,
    #"{"ballast_outline": 1, "metadata": {"a": {"pairs": [[1, 1], [1, 2]]}}}"#,
    #"{"ballast_outline": 1, "metadata": {"a": 123456789012345678901}}"#,
    #"{"ballast_outline": 1, "metadata": {"a": \#(String(repeating: "[", count: 100_000))}}"#,
  ])
  func malformedOutlinesAreRefused(_ json: String) {
    let tensors: OrderedDictionary = ["a": NDArray([1] as [Float]), "b": NDArray([2] as [Float])]
    #expect {
      try CheckpointOutline.restore(json, tensors: tensors, file: "f")
    } throws: {
      ($0 as? CheckpointError)?.code == .damaged
    }
  }

  @Test func impossibleViewsAndNewerVersionsAreTold() throws {
    let views = #"""
      {"ballast_outline": 1, "tensors": [{"key": "a"}, {"key": "b"}], "stored": [
      {"name": "a", "view": {"storage": 0, "offset": 0, "strides": [1]}},
      {"name": "b", "view": {"storage": 0, "offset": 9223372036854775807, "strides": [4]}}]}
      """#
    let tensors: OrderedDictionary = ["a": NDArray([1] as [Float]), "b": NDArray([2] as [Float])]
    let result = try CheckpointOutline.restore(views, tensors: tensors, file: "f")
    #expect(result.checkpoint.state["b"]?.elements() == [2] as [Float])
    #expect(result.notes.count == 1)
    #expect {
      try CheckpointOutline.restore(#"{"ballast_outline": 2}"#, tensors: [:], file: "f")
    } throws: {
      ($0 as? CheckpointError)?.code == .unsupported
    }
  }

  @Test func aTieThatHasValuesOfItsOwnIsOneNoMore() throws {
    let weight = NDArray([1] as [Float])
    let outline = try CheckpointOutline(Checkpoint(state: ["a": weight, "b": weight]), file: "f")
    var tensors = try written(outline)
    tensors["b"] = NDArray([2] as [Float])
    let result = try restored(outline, tensors)
    #expect(result.checkpoint.state["b"]?.elements() == [2] as [Float])
    #expect(result.checkpoint.state.count == 2 && result.notes.count == 1)
  }

  @Test func valuesNestedTooDeepAreNotWritten() {
    var value: Value = 1
    for _ in 0..<300 { value = [value] }
    #expect {
      try CheckpointOutline(
        Checkpoint(state: StateDict(), metadata: ["deep": value]), file: "f")
    } throws: {
      ($0 as? CheckpointError)?.code == .unsupported
    }
  }
}
