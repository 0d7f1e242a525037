// What `Ballast` exports, without the formats that the judge has no use for: each is built anew for a
// sanitizer.
@_exported import Arrays
@_exported import Autograd
@_exported import Kernels
@_exported import NN
@_exported import Optim
@_exported import SafetensorsFiles
@_exported import States
