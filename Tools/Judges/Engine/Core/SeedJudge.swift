/// Judges random numbers after a seed, to the last bit, and those that are drawn after them.
struct SeedJudge: SampleJudge {
  let file: SampleFile

  func judge(_ sample: Value, _ checks: inout Checks) throws {
    let call = try file.call(sample).call
    manualSeed(42)
    let drawn = try Self.draw(sample["draw"]?.stringValue ?? "", call).array
    try call.requireAllRead()
    let after = Tensor.rand([3]).array
    let expected = try file.present(sample["values"])
    guard expected.count == 2 else { return checks.fail("values", "there are not two") }
    checks.compareBits("values", drawn, expected[0], name: "drawn")
    checks.compareBits("next", after, expected[1], name: "drawn after it")
  }

  private static func draw(_ name: String, _ c: Call) throws -> Tensor {
    switch name {
    case "rand": return Tensor.rand([try c.int(0)], dtype: try c.dtype(1) ?? .float32)
    case "randn": return Tensor.randn([try c.int(0)], dtype: try c.dtype(1) ?? .float32)
    case "randperm": return Tensor.randperm(try c.int(0))
    case "randint": return Tensor.randint(try c.int(0), try c.int(1), [try c.int(2)])
    case "normal": return Tensor.normal(try c.number(0), try c.number(1), [try c.int(2)])
    case "dropout":
      return Tensor.ones([try c.int(1)]).dropout(try c.number(0), training: true)
    case "bernoulli": return Tensor.bernoulli(Tensor.linspace(0, 1, try c.int(0)))
    case "multinomial":
      let weights = Tensor.arange(1.0, Double(try c.int(0) + 1))
      return weights.multinomial(5, replacement: try c.bool(1))
    case "uniform_": return Tensor.zeros([try c.int(0)]).uniform_(-2, 5)
    case "normal_": return Tensor.zeros([try c.int(0)]).normal_(1, 2)
    default: return try initialised(name, Tensor.zeros(Shape(try c.ints(0))))
    }
  }

  private static func initialised(_ name: String, _ tensor: Tensor) throws -> Tensor {
    switch name {
    case "uniform": Initialization.uniform(tensor, from: -1, to: 2)
    case "plainNormal": Initialization.normal(tensor, mean: 1, std: 2)
    case "xavierUniform": Initialization.xavierUniform(tensor)
    case "xavierNormal": Initialization.xavierNormal(tensor)
    case "kaimingUniform": Initialization.kaimingUniform(tensor)
    case "kaimingNormal": Initialization.kaimingNormal(tensor)
    case "truncatedNormal": Initialization.truncNormal(tensor)
    case "orthogonal": Initialization.orthogonal(tensor)
    default: throw NotExpressible(name)
    }
    return tensor
  }
}
