/// What Keras's kinds of files have in common.
enum KerasFile {
  /// The maximum size of a config that is read. Those of large models are a few megabytes.
  static let maximumConfigByteCount = 256 << 20
  /// The name under which `Checkpoint.origin` keeps what the way back needs.
  static let originName = "keras"
  /// The dataset of a file that Ballast wrote, in which it keeps what Keras has no place for.
  static let outlineName = "ballast_outline"
  /// The name under which the outline of a file of weights once kept the config that it lacks.
  static let configName = "ballast.keras.config"
}
