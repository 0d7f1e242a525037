import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// MAT-files of version 7.3, Octave's and JLD2's files, held against what their own programs say is in them.
@Suite struct MATLABTests {
  /// A tensor as its own program shows it.
  struct Expected: Decodable {
    let dtype: String
    let shape: [Int]
    let hex: String
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let octave = TestTarget.folder().appending(path: "Fixtures/matlab").path

  private func expected() throws -> [String: [String: Expected]] {
    let json = try Peers.run("write_matlab.py", [folder.path])
    return try JSONDecoder().decode([String: [String: Expected]].self, from: Data(json.utf8))
  }

  private func compare(_ state: StateDict, _ expected: [String: Expected]) throws {
    #expect(Set(state.keys) == Set(expected.keys))
    for (key, tensor) in expected {
      let array = try #require(state[key], "\(key)")
      #expect(array.dtype.rawValue == tensor.dtype, "\(key)")
      #expect(array.shape.dimensions == tensor.shape, "\(key)")
      let hex = array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
      #expect(hex == tensor.hex, "\(key)")
    }
  }

  @Test(.needsPeers, arguments: [Access.mapped, .verified, .unverified])
  func everyTensorHasTheShapeAndTheValuesThatItsProgramShows(_ access: Access) throws {
    let formats: [String: FileFormat] = [
      "whole.mat": .matlab, "hand.mat": .matlab, "bare.mat": .matlab, "julia.jld2": .jld2,
      "plain.mat": .hdf5, "python_row.mat": .matlab, "python_column.mat": .matlab,
      "python_types.mat": .matlab, "sizes.mat": .matlab, "late.mat": .matlab,
    ]
    let all = try expected()
    #expect(Set(all.keys) == Set(formats.keys))
    for (name, tensors) in all {
      let opened = try OpenedCheckpoint(folder.file(name), access: access)
      #expect(opened.format == formats[name], "\(name)")
      try compare(opened.checkpoint.state, tensors)
      #expect(try Verification(folder.file(name)).problems.isEmpty)
    }
  }

  @Test(arguments: [Access.mapped, .verified])
  func octavesVariablesAreAsOctaveShowsThem(_ access: Access) throws {
    let json = try Data(contentsOf: URL(filePath: "\(Self.octave)/octave.json"))
    let opened = try OpenedCheckpoint("\(Self.octave)/octave.h5", access: access)
    #expect(opened.format == .octave)
    try compare(
      opened.checkpoint.state, try JSONDecoder().decode([String: Expected].self, from: json))
    #expect(
      opened.checkpoint.metadata == [
        "cells.2": "x", "letters": ["abc", "def"], "net.name": "net", "no_text": "",
        "text": "héllo",
      ])
    #expect(
      opened.checkpoint.state.keys.filter { $0.hasPrefix("many.") }
        == (0..<12).map { "many.\($0)" })
    #expect(
      opened.notes.sorted() == [
        "cells: a cell of 2 × 2; its elements are numbered along the columns",
        "grid: an array of structs of 2 × 2; its elements are numbered along the columns",
      ])
    #expect(
      opened.losses.map(\.description).sorted() == [
        "left_handle: it is of Octave's type function handle, not numbers",
        "left_range: it is of Octave's type double_range, not numbers",
        "left_sparse: it is a sparse matrix; save full(left_sparse) instead",
      ])
    #expect(try Verification("\(Self.octave)/octave.h5").problems.isEmpty)
  }

  @Test(.needsPeers) func textsAreMetadata() throws {
    _ = try expected()
    let whole = try OpenedCheckpoint(folder.file("whole.mat"))
    #expect(
      whole.checkpoint.metadata == [
        "mixed.2": "text", "names": ["cat", "dog", "ünïcode"], "net.name": "net é 𝄞",
        "title": "héllo",
      ])
    #expect(whole.losses == [])
    #expect(
      whole.notes == ["mixed: a cell of 2 × 2; its elements are numbered along the columns"])
    for name in ["python_row.mat", "python_column.mat"] {
      let opened = try OpenedCheckpoint(folder.file(name))
      #expect(opened.checkpoint.metadata == ["inner.name": "é"])
      #expect(opened.losses == [] && opened.notes == [], "\(name)")
    }
    let julia = try OpenedCheckpoint(folder.file("julia.jld2"))
    #expect(julia.checkpoint.metadata == ["text": "jülia"])
    #expect(
      julia.losses.map(\.description) == [
        "record: its type, compound of a: float32, b: int64, is not one of numbers"
      ])
  }

  @Test(.needsPeers) func whatPythonHadIsThatOrIsTold() throws {
    _ = try expected()
    let opened = try OpenedCheckpoint(folder.file("python_types.mat"))
    let large = "1180591620717411303424"
    #expect(
      opened.checkpoint.metadata == [
        "bytes": .bytes(Array("xy".utf8)), "grid": [["ab", "c"], ["d", "efg"]], "kind": "'float32'",
        "large": .bigInt(large), "list": ["a", "b"], "names": ["ab", "cdefg"],
        "negative": .bigInt("-\(large)"), "no_bytes": .bytes([]), "no_names": [], "no_text": "",
        "none": Value.none, "raw": [.bytes(Array("ab".utf8)), .bytes(Array("cdefg".utf8))],
        "text": "é", "wide": ["𝄞", "b"],
      ])
    #expect(
      opened.losses.map(\.description).sorted() == [
        "dots: it is Python's Ellipsis",
        "nobody: it is a text of the type uint64 and of shape [2], or not of Unicode, which is not read",
      ])
    let tuple = "it was of Python's class tuple, which it is not here"
    #expect(
      opened.notes.sorted() == [
        "byte_keys: some of its keys were bytes, and are texts here",
        "keys.keys: \(tuple)", "keys.values: \(tuple)",
        "keys: it was a dictionary whose keys are no texts; they and their values are apart",
        "kind: it was of Python's class numpy.dtype, which it is not here", "pair: \(tuple)",
      ])
  }

  @Test(.needsPeers) func sizesAndElementsThatAreNotThereAreTold() throws {
    _ = try expected()
    let opened = try OpenedCheckpoint(folder.file("sizes.mat"))
    #expect(
      opened.checkpoint.metadata == [
        "no_cell": [], "no_cells": [], "no_text": "", "no_texts": "",
        "texts": ["t0", "t1", "t2", "t3", "t4", "t5"],
      ])
    #expect(opened.losses.map(\.description) == ["partly.1: it is a reference to nothing"])
    #expect(
      opened.notes.sorted() == [
        "bare: no class of MATLAB's is said of it; its axes are taken to be the other way round, as MATLAB's are",
        "no_cells: a cell of 0 × 3, whose size is not kept",
        "no_texts: a text of 0 × 3, whose size is not kept",
        "structs: an array of structs of 2 × 2; its elements are numbered along the columns",
        "texts: a cell of 2 × 3; its elements are numbered along the columns",
      ])
    let late = try OpenedCheckpoint(folder.file("late.mat"))
    #expect(late.notes.count == 40)
    #expect(late.notes.allSatisfy { $0.contains("no class of MATLAB's is said of it") })
  }

  @Test(.needsPeers) func fieldsComeInMATLABsOrderAndOtherThingsAreTold() throws {
    _ = try expected()
    let opened = try OpenedCheckpoint(folder.file("hand.mat"))
    let checkpoint = opened.checkpoint
    #expect(
      checkpoint.state.keys.filter { $0.hasPrefix("ordered.") } == [
        "ordered.z", "ordered.y", "ordered.a",
      ])
    #expect(checkpoint.state.ties.map(\.key) == ["packed"])
    #expect(
      checkpoint.metadata == [
        "net.layers.0.name": "conv0", "net.layers.1.name": "conv1", "rows": ["abc", "déf"],
      ])
    #expect(
      Set(opened.losses.map(\.description)) == [
        "#subsystem#: it is what objects of MATLAB's classes are made of",
        "circle.0: the value contains itself",
        "handle: it is of the class function_handle, not numbers",
        "lone: it is a text of the type uint16 and of shape [1, 1], or not of Unicode, which is not read",
        "none: it is a struct without fields",
        "odd: its attribute note is not kept",
        "soft: it is a link of HDF5's that is not hard, which is never followed",
        "sparse: it is a sparse double matrix; save full(sparse) instead",
        "table: its attribute MATLAB_object_decode is not kept",
        "table: it is of the class table, not numbers",
      ])
    #expect(try opened.facts["header"]?.stringValue?.hasPrefix("MATLAB 7.3 MAT-file, ") == true)
  }

  @Test(.needsPeers) func whatIsReadGoesIntoEveryFormat() throws {
    _ = try expected()
    for name in ["whole.mat", "hand.mat", "python_types.mat", "julia.jld2"] {
      let first = try OpenedCheckpoint(folder.file(name)).checkpoint
      for (path, format) in [
        ("a.h5", FileFormat.ballast), ("a.npz", .numpy), ("a.safetensors", .safetensors),
        ("a.mat", .matlab),
      ] {
        try first.write(to: folder.file(path), format: format)
        first.expectSame(try OpenedCheckpoint(folder.file(path)).checkpoint)
      }
    }
  }

  @Test func whatIsOnlyReadSaysSo() throws {
    for format in [FileFormat.octave, .jld2] {
      let error = #expect(throws: CheckpointError.self) {
        try Checkpoint(state: StateDict()).write(to: folder.file("x"), format: format)
      }
      #expect(error?.reason == "\(format.displayName) files are not written")
    }
  }
}
