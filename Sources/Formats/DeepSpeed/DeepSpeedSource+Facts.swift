import Checkpoints
import Files
import OrderedCollections
import PyTorchFiles
import States

extension DeepSpeedSource {
  /// `bytes` of all files; `version` of DeepSpeed, `stage` of ZeRO; `tensors` and `pieces`, how many are in one
  /// piece and in several; and of each file of a rank (`ranks`) how many it has, and its bytes.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      var facts: OrderedDictionary<String, Value> = [:]
      var paths = (models + optimizers).map(\.path)
      if folder.isUniversal {
        paths += try UniversalParameters.files("\(folder.path)/\(DeepSpeedFolder.parameters)")
      }
      facts["bytes"] = .int(try Folder.byteCount(of: paths))
      let states = try modelStates(.unverified)
      if let version = states[0].root["ds_version"]?.text { facts["version"] = .string(version) }
      if folder.isUniversal { facts["universal"] = true }
      guard let groups = states[0].groups, !optimizers.isEmpty else { return facts }
      let ranks = try optimizerStates(.unverified, states)
      facts["stage"] = .int(ranks[0].stage)
      let placed = try ZeroTensors.placed(ranks, groups, folder.path)
      let wholeCount = placed.count { $0.pieces.count <= 1 }
      facts["tensors"] = .int(placed.count)
      facts["pieces"] = .int(placed.reduce(0) { $0 + $1.pieces.count })
      facts["in_one_piece"] = .int(wholeCount)
      facts["in_several_pieces"] = .int(placed.count - wholeCount)
      var counts = [(whole: Int, parts: Int)](repeating: (0, 0), count: ranks.count)
      for parameter in placed {
        for piece in parameter.pieces {
          if parameter.pieces.count == 1 {
            counts[piece.rank].whole += 1
          } else {
            counts[piece.rank].parts += 1
          }
        }
      }
      facts["ranks"] = .list(
        zip(folder.optimizers, zip(optimizers, counts)).map { name, rank in
          [
            "name": .string(name.name), "bytes": .int(rank.0.byteCount),
            "tensors": .int(rank.1.whole), "parts_of_tensors": .int(rank.1.parts),
          ]
        })
      return facts
    }
  }
}
