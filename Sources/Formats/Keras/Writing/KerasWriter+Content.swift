import Arrays
import Checkpoints
import States

extension KerasWriter {
  /// A model's variables and its optimizer's, to be laid out.
  struct Content {
    /// A variable of the optimizer.
    struct Variable {
      var name: String?
      var array: NDArray
    }

    let target: KerasTarget
    let values: [NDArray]
    let optimizer: [Variable]

    /// Whether a legacy file can have the optimizer's variables, all of which it names.
    var hasLegacyOptimizer: Bool {
      target.modelConfig != nil && !optimizer.isEmpty && optimizer.allSatisfy { $0.name != nil }
    }

    /// As a `.weights.h5`.
    func weightsLayout(_ options: WriteOptions, path: String) throws -> KerasHDF5Layout {
      var layout = KerasHDF5Layout()
      for (place, name) in target.names {
        let group = actual(place.isEmpty ? "vars" : place + "/vars")
        layout.add(group: group)
        if !name.isEmpty { layout.set("name", of: group, to: .text(name)) }
      }
      for (place, array) in target.metrics {
        layout.tensors.append(tensor(place, array, array.dtype))
      }
      for (variable, array) in zip(target.plan.variables, values) {
        guard let place = variable.place else { throw missing(variable, path) }
        layout.tensors.append(tensor(actual(place), array, options.type(for: array.dtype)))
      }
      for (number, variable) in optimizer.enumerated() {
        layout.tensors.append(
          tensor("optimizer/vars/\(number)", variable.array, variable.array.dtype))
      }
      return layout
    }

    /// Where the file has what is at a place.
    private func actual(_ place: String) -> String {
      target.hasOldContainer ? KerasWeights.oldPlace(place) : place
    }

    private func tensor(
      _ path: String, _ array: NDArray, _ dtype: DType
    ) -> KerasHDF5Layout.Tensor {
      KerasHDF5Layout.Tensor(
        path: path, array: array, dtype: dtype, namesType: dtype == .bfloat16)
    }

    /// As the HDF5 of Keras before version 3. bfloat16, which such a file cannot name and Keras then
    /// does not read, becomes float32, of which Keras makes bfloat16 again.
    func legacyLayout(_ options: WriteOptions, path: String) throws -> KerasHDF5Layout {
      var layout = KerasHDF5Layout()
      let isWhole = target.modelConfig != nil
      let root = isWhole ? "model_weights" : ""
      for group in Set(["", root]).sorted() {
        layout.set("backend", of: group, to: .text(target.backend))
        layout.set("keras_version", of: group, to: .text(target.version))
      }
      if let config = target.modelConfig { layout.set("model_config", of: "", to: .text(config)) }
      if let config = target.trainingConfig {
        layout.set("training_config", of: "", to: .text(config))
      }
      layout.set("layer_names", of: root, to: .list(target.layers))
      var written: Set<Int> = []
      let orders = target.plan.legacyOrders
      for layer in target.layers + [KerasLegacyFile.topLevelName] {
        let group = root.isEmpty ? layer : "\(root)/\(layer)"
        let members = orders[layer] ?? []
        layout.set("weight_names", of: group, to: .list(members.map(name)))
        for index in members {
          layout.tensors.append(
            legacy("\(group)/\(name(index))", values[index], options.type(for: values[index].dtype))
          )
          written.insert(index)
        }
      }
      if let left = target.plan.variables.indices.first(where: {
        !written.contains($0) && target.plan.variables[$0].original == nil
      }) {
        throw missing(target.plan.variables[left], path)
      }
      guard hasLegacyOptimizer else { return layout }
      let names = optimizer.compactMap(\.name)
      layout.set("weight_names", of: "optimizer_weights", to: .list(names))
      for (name, variable) in zip(names, optimizer) {
        layout.tensors.append(
          legacy("optimizer_weights/\(name)", variable.array, variable.array.dtype))
      }
      return layout
    }

    private func legacy(
      _ path: String, _ array: NDArray, _ dtype: DType
    ) -> KerasHDF5Layout.Tensor {
      KerasHDF5Layout.Tensor(
        path: path, array: array, dtype: dtype == .bfloat16 ? .float32 : dtype)
    }

    /// The name of a variable in its layer's group.
    private func name(_ index: Int) -> String {
      let variable = target.plan.variables[index]
      if let name = variable.weightName { return name }
      guard let model = target.model, model.isSequential else { return variable.path }
      return "\(model.name)/\(variable.path)"
    }

    private func missing(_ variable: KerasVariable, _ path: String) -> CheckpointError {
      if variable.path.contains("/lora_") {
        return CheckpointError(
          .unsupported, file: path, place: variable.path,
          reason: "files of Keras 3 have LoRA in the kernel, and the checkpoint has it beside it",
          advice: "Write it as keras-legacy, or save the model from Keras.")
      }
      return CheckpointError(
        .unsupported, file: path, place: variable.path,
        reason: "without the model's config there is no telling where such a file has this weight",
        advice: "Give a Keras file of the same model, or its config as JSON, as a template.")
    }
  }
}
