import Arrays
import Autograd
import Checkpoints
import Files
import Foundation
import Models
import NN
import Testing

/// What torchvision says of its networks: see `Fixtures/make_resnets.py`.
private struct Twin: Decodable {
  let count: Int
  let crc32: UInt32
  let listing: [String]?
  let output: [Float]?
  let stem: [Float]?

  static func all() throws -> [String: Twin] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appending(path: "Fixtures/resnets.json"))
    return try JSONDecoder().decode([String: Twin].self, from: data)
  }
}

@Suite struct ResNetTests {
  @Test(arguments: ResNet.Variant.allCases)
  func keysAreTorchvisions(_ variant: ResNet.Variant) throws {
    let twin = try #require(try Twin.all()[variant.rawValue])
    let state = ResNet(variant).stateDict()
    let lines = state.entries.map { "\($0.key) \($0.value.array.shape) \($0.value.array.dtype)" }
    if let listing = twin.listing { #expect(lines == listing) }
    #expect(lines.count == twin.count)
    var sum = RunningDigest()
    for line in lines { sum.update(line + "\n") }
    #expect(sum.digest.crc32 == twin.crc32)
  }

  @Test(arguments: [ResNet.Variant.resNet18, .resNet50])
  func seededNetworksGiveTorchvisionsOutputs(_ variant: ResNet.Variant) throws {
    let twin = try #require(try Twin.all()[variant.rawValue])
    let network = Generator(seed: 0).use { ResNet(variant, numClasses: 10) }.eval()
    let stem = try #require(network.stateDict()["conv1.weight"]).elements(as: Float.self)
    for (mine, theirs) in zip(stem, try #require(twin.stem)) {
      #expect((mine - theirs).magnitude < 1e-6)
    }
    let pixels = (0..<(3 * 64 * 64)).map { Float($0 % 17) / 17 }
    let output = noGrad { network(Tensor(NDArray(pixels, shape: [1, 3, 64, 64]))) }
    let expected = try #require(twin.output)
    for (mine, theirs) in zip(output.array.elements(as: Float.self), expected) {
      #expect((mine - theirs).magnitude < 1e-4)
    }
  }
}
