extension OperationTable {
  /// Whether the elements of an operation's results are sums or products of several numbers, which are
  /// rounded with the largest of them: by the order in which they are added, a sum that cancels is
  /// another one. The elements of all other operations depend on one number of each operand.
  static func areSums(_ name: String) -> Bool { sums.contains { isMeant(name, by: $0) } }

  /// Whether an element of an operand is in several places of the result, so that its gradient is a sum.
  static func repeats(_ name: String) -> Bool { repeating.contains { isMeant(name, by: $0) } }

  /// A name means its variants too, and with a star all names that begin so.
  private static func isMeant(_ name: String, by pattern: String) -> Bool {
    pattern.hasSuffix("*")
      ? name.hasPrefix(pattern.dropLast()) : name == pattern || name.hasPrefix(pattern + ".")
  }

  private static let sums: [String] =
    [
      "sum", "mean", "prod", "var", "std", "logsumexp", "softmax", "log_softmax", "cumsum",
      "cumprod",
      "norm", "linalg.vector_norm", "linalg.norm", "cdist", "dist",
      "matmul", "mm", "bmm", "mv", "dot", "einsum", "__rmatmul__", "cross", "linalg.cross",
      "linalg.det", "linalg.inv", "cholesky", "linalg.cholesky", "scatter_add", "bincount",
      "logcumsumexp", "nansum", "nanmean", "std_mean", "var_mean", "cov", "corrcoef", "inner",
      "vdot",
      "tensordot", "addmm", "addmv", "baddbmm", "addbmm", "trace", "logdet", "linalg.slogdet",
      "linalg.solve", "linalg.solve_triangular", "linalg.matrix_power", "linalg.multi_dot",
      "linalg.matrix_norm", "index_add", "scatter_reduce",
    ]
    + [
      "softmin", "normalize", "pairwise_distance", "cosine_similarity", "linear", "bilinear",
      "scaled_dot_product_attention", "conv*", "avg_pool*", "adaptive_avg_pool*", "batch_norm",
      "instance_norm", "layer_norm", "rms_norm", "group_norm", "local_response_norm",
      "interpolate", "upsample_bilinear", "grid_sample", "mse_loss", "l1_loss", "smooth_l1_loss",
      "huber_loss", "nll_loss", "cross_entropy", "binary_cross_entropy*", "kl_div",
      "poisson_nll_loss", "gaussian_nll_loss", "hinge_embedding_loss", "margin_ranking_loss",
      "soft_margin_loss", "cosine_embedding_loss", "triplet_margin*", "multi_margin_loss",
      "multilabel_*", "ctc_loss",
    ].map { "nn.functional." + $0 }

  private static let repeating = [
    "index_select", "gather", "__getitem__", "index_put", "take", "take_along_dim", "cummax",
    "cummin", "kron",
    "tensor_split", "as_strided", "unfold",
    "nn.functional.unfold", "nn.functional.embedding", "nn.functional.pad",
    "nn.functional.max_pool*", "nn.functional.adaptive_max_pool*",
  ]
}
