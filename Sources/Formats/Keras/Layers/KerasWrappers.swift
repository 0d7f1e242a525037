import States

extension KerasLayerKind {
  /// What runs another layer, and has its variables.
  static let wrappers = [
    KerasLayerKind(
      names: ["TimeDistributed"],
      addVariables: { part in
        if let inner = part.layer.part("layer"), inner.hasPlainVariables {
          part.add(inner, in: "layer", inner.name)
        }
      })
  ]

  /// What makes one of several inputs.
  static let merging =
    [KerasLayerKind(names: ["Concatenate"], concatenates: true, output: passing)]
    + passing("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")

  /// What does nothing but while a model learns.
  static let regularization =
    [
      KerasLayerKind(
        names: ["Dropout"], output: passing,
        twin: { site throws(Missing) in
          ["module": "Dropout", "p": site.layer.config["rate"] ?? 0.5]
        })
    ]
    + passing(
      "ActivityRegularization", "AlphaDropout", "GaussianDropout", "GaussianNoise",
      "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
}
