import Checkpoints

extension PickleObject {
  /// Refuses a file that one rank wrote of a checkpoint of DeepSpeed's, whatever its name is: of a parameter that
  /// ZeRO divides it has a part, or nothing.
  ///
  /// The keys are those of `deepspeed/runtime/engine.py` and `deepspeed/runtime/zero` in DeepSpeed 0.18.2.
  ///
  /// - Throws: `CheckpointError` with code `unsupported`.
  func requireWholeParameters() throws(CheckpointError) {
    guard let dict = root.dict else { return }
    // A universal folder has what one rank had of the optimizer without the dictionary around it.
    for state in [dict["optimizer_state_dict"]?.dict, dict] {
      if state?["single_partition_of_fp32_groups"] != nil || state?["fp32_flat_groups"] != nil {
        throw partError(
          "one rank's part of the optimizer, in which parameters have no names", place: nil)
      }
    }
    guard let module = dict["module"]?.dict, let groups = dict["param_shapes"]?.elements else {
      return
    }
    for case .dict(let shapes) in groups {
      for (name, shape) in shapes.entries {
        guard let name = name.stringValue, case .tensor(let tensor)? = module[name],
          tensor.shape.contains(0), case .instance(let size) = shape,
          size.arguments.first?.ints?.contains(0) == false
        else { continue }
        throw partError(
          "model states of ZeRO's stage 3, in which parameters have no elements", place: name)
      }
    }
  }

  private func partError(_ what: String, place: String?) -> CheckpointError {
    CheckpointError(
      .unsupported, file: storages.file.path, place: place,
      reason: "it is one of the files of a DeepSpeed checkpoint: \(what)",
      advice: "Name the folder with the files of all ranks (…_model_states.pt, …_optim_states.pt).")
  }
}
