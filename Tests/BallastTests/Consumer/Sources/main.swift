import Ballast

let model = Linear(3, 2)
try model.save(to: "model.h5")
let fresh = Linear(3, 2)
let report = try fresh.load(from: "model.h5")
print("loaded \(report.matched.count) tensors")
