import Foundation

/// Judges Ballast's engine by samples that PyTorch made: see `Tools/scripts/judge-engine`.
///
///     judge-engine names                 prints the operations that the table knows
///     judge-engine judge FOLDER [--only WORD …] [--rules FOLDER] [--report FILE] [--strided] [--jobs N]
///         [--complete]
///     judge-engine one FILE FIRST [--strided]     judges a file from a sample on, in this process
///
/// `judge` ends with 1 if something is wrong beyond what the rules know, and if nothing was judged. With
/// `--complete`, which says that all samples are there, also if the rules know what is not so: one that
/// covers nothing, or another number of samples than it says.
@main
struct Main {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "names":
      print(OperationTable.all.names.joined(separator: "\n"))
    case "one":
      guard arguments.count >= 3, let first = Int(arguments[2]) else { usage() }
      try Child.judge(arguments[1], from: first, isStrided: arguments.contains("--strided"))
    case "judge":
      guard arguments.count >= 2, let options = JudgeOptions(arguments.dropFirst()) else { usage() }
      exit(try Judging(options).run() ? 0 : 1)
    default: usage()
    }
  }

  private static func usage() -> Never {
    FileHandle.standardError.write(
      Data("usage: judge-engine names | judge FOLDER [options] | one FILE FIRST\n".utf8))
    exit(64)
  }
}

/// What `judge` was asked.
struct JudgeOptions {
  var folder: String
  var words: [String] = []
  var rules: String?
  var report: String?
  var isStrided = false
  /// Whether all samples are judged, so that the numbers of the rules have to be those that are found.
  var isComplete = false
  var jobs = 2

  init?(_ arguments: ArraySlice<String>) {
    guard let folder = arguments.first else { return nil }
    self.folder = folder
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      switch option {
      case "--strided": isStrided = true
      case "--complete": isComplete = true
      case "--rules": rules = rest.popFirst()
      case "--report": report = rest.popFirst()
      case "--jobs": jobs = rest.popFirst().flatMap { Int($0) } ?? 2
      case "--only":
        while let word = rest.first, !word.hasPrefix("--") {
          words.append(word)
          rest = rest.dropFirst()
        }
      default: return nil
      }
    }
    if isComplete, !words.isEmpty { return nil }
  }
}
