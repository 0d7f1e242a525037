import Ballast
import Foundation
import TestSupport
import Testing

/// A model without memory takes a file's tensors as they lie there.
@Suite struct AdoptionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func network() -> Sequential {
    Sequential(Linear(64, 4096), ReLU(), BatchNorm1d(4096), Linear(4096, 10))
  }

  @Test(arguments: ["h5", "safetensors", "pth"])
  func aModelOnTheMetaDeviceAdoptsTheMapping(_ ending: String) throws {
    let path = folder.file("model.\(ending)")
    let saved = Generator(seed: 1).use { network() }
    try saved.save(to: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))

    let model = Device.with(.meta) { network() }
    try model.load(from: path, assign: true)
    for (key, parameter) in model.namedParameters() {
      #expect(parameter.device == .cpu)
      // What is small may have come with the file's beginning, which is read anyway.
      if parameter.elementCount > 1 << 14 {
        #expect(parameter.array.storage.fileRegion?.file.path == path, "\(key) was copied")
      }
    }
    let input = Generator(seed: 2).use { Tensor.randn([3, 64]) }
    #expect(
      model.eval()(input).elements(as: Float.self) == saved.eval()(input).elements(as: Float.self))

    // Training changes the model, and not the file.
    model.train()
    model(input).square().mean().backward()
    SGD(model, lr: 0.1).step()
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    #expect(
      model.eval()(input).elements(as: Float.self) != saved.eval()(input).elements(as: Float.self))
  }

  /// Without `assign` values are copied into memory of the model's own.
  @Test func withoutAssigningValuesAreCopied() throws {
    let path = folder.file("model.h5")
    try network().save(to: path)
    let model = Device.with(.meta) { network() }
    try model.load(from: path)
    for parameter in model.parameters() {
      #expect(parameter.array.storage.fileRegion == nil)
    }
  }
}
