// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

/// The lines by their text, as programs of the names that they are about.
enum FirstLines {
  typealias Line = (Tensor, Tensor, Tensor, Tensor, Float, Int, Linear, SGD) throws -> Any?

  static var all: [String: Line] {
    part1.merging(part2) { a, _ in a }.merging(part3) { a, _ in a }.merging(part4) { a, _ in a }.merging(part5) { a, _ in a }.merging(part6) { a, _ in a }.merging(part7) { a, _ in a }.merging(part8) { a, _ in a }.merging(part9) { a, _ in a }.merging(part10) { a, _ in a }.merging(part11) { a, _ in a }
  }
}
