import Checkpoints
import HuggingFaceFiles
import Interchange
import Models

extension LoRAAdapter {
  /// Reads an adapter as PEFT saves it. Equivalent to the reading of `PeftModel.from_pretrained`.
  ///
  /// - Parameter path: The folder that `save_pretrained` wrote, with `adapter_config.json` and
  ///   `adapter_model.safetensors` or `.bin`.
  /// - Throws: `CheckpointError` if it cannot be read or is damaged; if it is no adapter of LoRA, or has
  ///   what is not supported; or if a tensor is not what the configuration says.
  public convenience init(contentsOf path: String) throws(CheckpointError) {
    let opened = try OpenedCheckpoint(path, access: .verified)
    if let uncertainty = opened.uncertainty { throw uncertainty }
    try self.init(opened.checkpoint, file: path)
  }

  /// Writes the adapter as a folder that PEFT loads. Equivalent to `save_pretrained` of PEFT.
  ///
  /// The tensors have the values that they have now, and `adapter_config.json` the members with which it was
  /// read.
  ///
  /// - Parameters:
  ///   - path: The folder, which is made if it is not there.
  ///   - options: How it is written: `huggingFace.weights` for `.bin`, durability.
  /// - Returns: What was written, and what was lost of it, such as roles that a format does not have.
  /// - Throws: `CheckpointError`; what was there before is then still in place.
  @discardableResult
  public func savePretrained(
    to path: String, options: WriteOptions = WriteOptions()
  ) throws(CheckpointError) -> WriteSummary {
    try checkpoint.write(to: path, format: .huggingFace, options: options)
  }
}
