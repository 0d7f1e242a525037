import Foundation
import TestSupport
import Testing

/// A Ballast file that another tool changed: what was added is no damage, and what is gone is told.
@Suite(.needsPeers) struct EditedFileTests {
  private let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.convertedSample(to: "a.h5", "--optimizer-in-order")
    try Peers.run("edit_checkpoint.py", [bench.folder.file("a.h5"), bench.folder.path])
  }

  /// What was added and goes along, with its name among the metadata or tensors.
  private static let kept: [(name: String, path: String)] = [
    ("dictionary", "metadata/extra"), ("tie", "parameters/tied"), ("integer", "metadata/n"),
    ("float", "metadata/f"), ("narrow", "metadata/i"), ("truth", "metadata/b"),
    ("text", "metadata/t"), ("texts", "metadata/ts"), ("empty_text", "metadata/e"),
    ("fixed_text", "metadata/x"), ("tensor", "parameters/new/weight"), ("packed", "parameters/p"),
  ]

  /// What was added and is no part of a checkpoint.
  private static let left: [(name: String, words: String)] = [
    ("root_attribute", "/@note: it is an attribute"),
    ("tensor_attribute", "/parameters/classifier/weight@note: it is an attribute"),
    ("group_attribute", "/metadata@note: it is an attribute"),
    ("group", "/extra: it is in no group of a checkpoint"),
    ("inner_group", "/parameters/extra: it is an empty group"),
    ("alias", "/alias: it is in no group of a checkpoint"),
    ("soft", "/soft: it is a link"), ("inner_soft", "/parameters/soft: it is a link to"),
    ("value_soft", "/metadata/soft: it is a link to"),
    ("external", "/metadata/elsewhere: it is a link out of the file"),
    ("record", "/metadata/c: its type, compound of a: int32"),
    ("nothing", "/metadata/z: it is not a value of any known kind"),
    ("stray", "/optimizer/x: it is no part of an optimizer's state"),
    ("outside", "/toplevel: it is in no group of a checkpoint"),
    ("no_tensor", "/parameters/t: its type, string of variable length"),
    ("same_key", "/parameters/classifier.weight: another tensor has the same name"),
    ("same_letters", ": another tensor has the same name"),
  ]

  /// What was taken out.
  private static let gone: [(name: String, path: String)] = [
    ("no_weight", "/parameters/classifier/weight"), ("renamed", "/parameters/classifier/weight"),
    ("no_optimizer", "/optimizer/state/features/0/weight/step"),
    ("no_slots", "/optimizer/state/classifier/weight/step"), ("no_epoch", "/metadata/epoch"),
  ]

  @Test func whatWasAddedIsReadAndNobodyVouchesForIt() throws {
    for (name, path) in Self.kept {
      let note = "note: \(path): nothing vouches for it; another tool added it\n"
      let file = "\(name).h5"
      for command in [
        try bench.run("verify", file), try bench.run("inspect", file),
        try bench.run("convert", file, "\(name).out.h5", "--strict"),
      ] {
        #expect(command.status == 0, "\(name): \(command.output)\(command.errors)")
        #expect(command.output.contains(note), "\(name): \(command.output)")
      }
      let whole = try bench.run("verify", "\(name).out.h5")
      #expect(whole.status == 0 && !whole.output.contains("note"), "\(name): \(whole.output)")
      let difference = try bench.run("verify", "a.h5", "\(name).out.h5")
      #expect(difference.status == 1 && difference.output.contains("only in the second"))
    }
    #expect(try bench.read("text.out.h5").metadata["t"] == "héllo")
    #expect(try bench.read("texts.out.h5").metadata["ts"] == ["a", "bc"])
    #expect(try bench.read("empty_text.out.h5").metadata["e"] == "")
    #expect(try bench.read("integer.out.h5").metadata["n"] == 5)
  }

  @Test func whatIsNoPartOfACheckpointIsTold() throws {
    for (name, words) in Self.left {
      let file = "\(name).h5"
      let verified = try bench.run("verify", file)
      #expect(verified.status == 0, "\(name): \(verified.output)\(verified.errors)")
      #expect(verified.output.contains(words), "\(name): \(verified.output)")
      #expect(verified.output.contains("nothing vouches for it"), "\(name)")
      let shown = try bench.run("inspect", file)
      #expect(shown.status == 0 && shown.output.contains("lost: "), "\(name)")
      let converted = try bench.run("convert", file, "\(name).out.pth")
      #expect(converted.status == 0 && converted.output.contains(words), "\(name)")
      expectRefusal(try bench.run("convert", file, "strict.pth", "--strict"), 65, words)
    }
  }

  @Test func whatIsGoneIsToldAndTheRestIsCarried() throws {
    for (name, path) in Self.gone {
      let file = "\(name).h5"
      let verified = try bench.run("verify", file)
      #expect(verified.status == 1 && verified.output.hasPrefix("\(file) is not whole:\n"))
      #expect(
        verified.output.contains("(\(path)): the index lists it, and it is not in the file"),
        "\(name): \(verified.output)")
      let words = "\(path)"
      #expect(try bench.run("inspect", file).output.contains("lost: \(words)"), "\(name)")
      let converted = try bench.run("convert", file, "\(name).out.h5")
      #expect(converted.status == 0 && converted.output.contains("lost: \(words)"), "\(name)")
      #expect(try bench.run("verify", "\(name).out.h5").status == 0)
      let compared = try bench.run("verify", file, file)
      #expect(compared.status == 0, "one file is the same, whatever it lacks")
    }
    #expect(
      try bench.run("verify", "renamed.h5").output.contains(
        "what another tool added as parameters/classifier/w2 has its type, shape and bytes"))
    #expect(try bench.read("no_weight.out.h5").state.count == 15)
    #expect(try bench.read("no_optimizer.out.h5").optimizer == nil)
  }

  @Test func whatIsVouchedForMayNotChange() throws {
    for name in ["changed", "replaced"] {
      let verified = try bench.run("verify", "\(name).h5")
      #expect(verified.status == 1 && verified.output.hasPrefix("\(name).h5 is damaged:\n"))
      expectRefusal(try bench.run("convert", "\(name).h5", "out.h5"), 65, name)
    }
  }

  @Test(arguments: ["plain", "latest", "gzip", "chunks"])
  func whatWasRepackedIsTheSame(_ name: String) throws {
    let file = "repacked_\(name).h5"
    let verified = try bench.run("verify", file)
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    #expect(verified.output.contains("another program wrote the file anew"))
    #expect(try bench.run("verify", "a.h5", file).status == 0)
    #expect(try bench.run("convert", file, "out.h5", "--strict").status == 0)
    #expect(try bench.folder.bytes("out.h5") == bench.folder.bytes("a.h5"))
  }
}
