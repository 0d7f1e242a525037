// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static let part6: [String: Line] = [
    "print(x)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(x)"
    },
    "print(x.shape)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(x.shape)"
    },
    "print(m2.weight)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(m2.weight)"
    },
    "print(m2.stateDict())": { (x, idx, m, y, f, i, m2, opt) in
      return "\(m2.stateDict())"
    },
    "print(opt)": { (x, idx, m, y, f, i, m2, opt) in
      return "\(opt)"
    },
    "print(opt.stateDict())": { (x, idx, m, y, f, i, m2, opt) in
      return "\(SGD(m2.parameters(), lr: 0.1, momentum: 0.9).stateDict())"
    },
    "\"\\(x.array)\"": { (x, idx, m, y, f, i, m2, opt) in
      return "\(x.array)"
    },
  ]
}
