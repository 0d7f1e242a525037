import Ballast

// What the program of the README, which the test puts below, loads.
try Checkpoint(model: Net()).write(to: "weights.pth", format: .pytorch)
