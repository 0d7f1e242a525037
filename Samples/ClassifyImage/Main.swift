// Classifies an image with a ResNet, and compares the five best classes with torchvision's.
//
//     swift run ClassifyImage [folder of the sample data]
//
// The weights are those with which the network begins after a seed, since trained ones are large; a file
// of torchvision, timm or transformers is loaded with `try model.load(from: "resnet18.pth")`. See
// `Samples/Data/make_models.py` for the twin in Python.
import Ballast
import Foundation

/// A picture in the form PPM (P6): a header, then three bytes for each pixel.
struct Picture {
  let width, height: Int
  let pixels: [UInt8]

  struct Malformed: Error {}

  init(contentsOf path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    // Three numbers follow the letters, with one blank after the last.
    var fields: [String] = []
    var place = 0
    while fields.count < 4, place < bytes.count {
      let field = bytes[place...].prefix { $0 > 32 }
      fields.append(String(decoding: field, as: UTF8.self))
      place += field.count + 1
    }
    guard fields.count == 4, fields[0] == "P6", let width = Int(fields[1]), width > 0,
      let height = Int(fields[2]), height > 0, fields[3] == "255",
      width <= 1 << 14, height <= 1 << 14, bytes.count - place == 3 * width * height
    else { throw Malformed() }
    (self.width, self.height) = (width, height)
    pixels = Array(bytes[place...])
  }

  /// The middle `size` by `size` pixels as ImageNet's networks expect them: (1, 3, size, size), from 0
  /// to 1, without the mean and divided by the standard deviation.
  func tensor(size: Int) throws -> Tensor {
    guard size <= min(width, height) else { throw Malformed() }
    let (top, left) = ((height - size) / 2, (width - size) / 2)
    let all = Tensor(NDArray(pixels, shape: [height, width, 3])).to(.float32)
    let middle = all.sliced(0, top..<(top + size)).sliced(1, left..<(left + size))
    let mean = Tensor([0.485, 0.456, 0.406] as [Float])
    let std = Tensor([0.229, 0.224, 0.225] as [Float])
    return ((middle / 255 - mean) / std).permuted([2, 0, 1]).unsqueezed(0)
  }
}

@main
enum ClassifyImage {
  static func main() throws {
    let folder = CommandLine.arguments.dropFirst().first ?? "Samples/Data"
    let image = try Picture(contentsOf: "\(folder)/picture.ppm").tensor(size: 64)
    let model = Generator(seed: 0).use { ResNet(.resNet18) }.eval()

    let probabilities = noGrad { model(image).softmax(1) }.select(0, 0)
    let best = probabilities.topK(5)
    let classes = best.indices.elements(as: Int64.self).map { Int($0) }
    let values = best.values.elements(as: Float.self).map { Double($0) }

    let text = try String(contentsOfFile: "\(folder)/picture-top5.json", encoding: .utf8)
    let expected = try Value(json: text)
    let theirs = expected["probabilities"]?.elements?.compactMap(\.doubleValue) ?? []
    print("class  probability  torchvision's")
    for (place, number) in classes.enumerated() where place < theirs.count {
      let columns = [values[place], theirs[place]].map { String(format: "%.6f", $0) }
      print("\(number)    \(columns[0])     \(columns[1])")
    }
    let difference = zip(values, theirs).map { ($0 - $1).magnitude }.max() ?? .infinity
    let isSame =
      expected["classes"]?.elements?.compactMap(\.intValue) == classes
      && theirs.count == values.count && difference < 1e-5
    print(isSame ? "the same five classes as torchvision" : "NOT the classes of torchvision")
  }
}
