import States

/// What a `config.json` of Hugging Face transformers says of a model.
///
/// The members that the model has as options go into the ``description``. Others are passed over if
/// they are known not to change what the model computes, such as `transformers_version` or the
/// options of generation; refused if they would change it and are not supported, such as
/// `quantization_config`; or listed as ``unknown``.
///
/// ```swift
/// let configuration = try HuggingFaceConfiguration(Value(json: text))
/// for member in configuration.unknown { print("not understood: \(member)") }
/// let model = try configuration.description.build()
/// ```
public struct HuggingFaceConfiguration: Sendable {
  /// The model: the class that `architectures` names, with its options.
  public let description: ModelDescription
  /// The members that do not change what the model computes, in order.
  public let passedOver: [String]
  /// The members of which nothing is known, in order; those of an object in it as
  /// `text_config.member`.
  public let unknown: [String]

  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - value: The object in `config.json`.
  ///   - architecture: The class to build, such as `BertModel`; the one that the member
  ///     `architectures` names if nil, or the name of the family, such as `bert`.
  /// - Throws: ``ModelError`` if the family (`model_type`) or the class is not one of
  ///   ``ModelCatalog/architectures``, or if a member asks for something that is not supported.
  public init(_ value: Value, architecture: String? = nil) throws(ModelError) {
    guard let type = value["model_type"]?.stringValue else {
      throw ModelError(reason: "the configuration does not say its \"model_type\"")
    }
    guard let family = HuggingFaceFamily.all[type] else {
      throw ModelError(
        reason: "the family \"\(type)\" is not supported; "
          + HuggingFaceFamily.all.keys.sorted().joined(separator: ", ") + " are")
    }
    let name: String
    if let architecture, architecture != type {
      name = architecture
    } else {
      name = try Self.architecture(value)
    }
    guard family.classes.contains(name),
      let known = ModelCatalog.architectures.first(where: { $0.name == name })
    else {
      throw ModelError(
        reason: "the class \(name) of the family \"\(type)\" is not supported; "
          + family.classes.joined(separator: ", ") + (family.classes.count == 1 ? " is" : " are"))
    }
    let options = known.options.map { String($0.prefix { $0 != "=" }) }
    var reading = Reading()
    var members = try reading.take(value, family.rules, options: options, prefix: "")
    if options.contains("num_labels"), members["num_labels"] == nil,
      let labels = value["id2label"]?.dictionary
    {
      members["num_labels"] = .int(labels.count)
    }
    members["module"] = .string(name)
    description = ModelDescription(
      .dict(.init(uniqueKeysWithValues: members.map { (.string($0.key), $0.value) })))
    passedOver = reading.passedOver
    unknown = reading.unknown
  }

  /// The one class that the configuration names.
  private static func architecture(_ value: Value) throws(ModelError) -> String {
    let names = value["architectures"]?.elements?.compactMap(\.stringValue) ?? []
    guard let name = names.first, names.count == 1 else {
      throw ModelError(
        reason: names.isEmpty
          ? "the configuration does not name the class in \"architectures\": say which"
          : "the configuration names several classes, \(names.joined(separator: ", ")): say which")
    }
    return name
  }

  /// Sorts the members of an object.
  private struct Reading {
    var passedOver: [String] = []
    var unknown: [String] = []

    mutating func take(
      _ value: Value, _ rules: HuggingFaceRules, options: [String], prefix: String
    ) throws(ModelError) -> [String: Value] {
      var taken: [String: Value] = [:]
      let implied = rules.implied(value)
      for (key, member) in value.dictionary ?? [:] {
        let name = key.text
        if let nested = rules.nested[name], member.dictionary != nil {
          let inner = try take(
            member, nested.rules, options: nested.options, prefix: "\(prefix)\(name).")
          taken[name] = .dict(
            .init(uniqueKeysWithValues: inner.map { (.string($0.key), $0.value) }))
        } else if options.contains(name) {
          taken[name] = member
        } else if let accepted = HuggingFaceRules.fixed[name] ?? rules.fixed[name] {
          guard accepted.contains(where: { $0.isSameNumber(as: member) }) else {
            throw ModelError(
              reason: "\(prefix)\(name) is \(member.json()), which is not supported; "
                + accepted.map { $0.json() }.joined(separator: " or ") + " is")
          }
          passedOver.append(prefix + name)
        } else if let expected = implied[name] {
          guard expected.isSameNumber(as: member) else {
            throw ModelError(
              reason: "\(prefix)\(name) is \(member.json()), while by the other members it is "
                + expected.json())
          }
          passedOver.append(prefix + name)
        } else if HuggingFaceRules.passedOver.contains(name) || rules.passedOver.contains(name) {
          passedOver.append(prefix + name)
        } else {
          unknown.append(prefix + name)
        }
      }
      return taken
    }
  }
}

extension ModelDescription {
  /// The model of a `config.json` of Hugging Face transformers, of which every member is understood.
  ///
  /// ```swift
  /// let model = try ModelDescription(huggingFaceConfiguration: Value(json: text)).build()
  /// ```
  ///
  /// - Parameters:
  ///   - value: The object in `config.json`.
  ///   - architecture: The class to build, such as `BertModel`; the one that the member
  ///     `architectures` names if nil.
  /// - Throws: ``ModelError`` as ``HuggingFaceConfiguration/init(_:architecture:)`` does, and if a
  ///   member is unknown, since it may change what the model computes.
  public init(
    huggingFaceConfiguration value: Value, architecture: String? = nil
  ) throws(ModelError) {
    let configuration = try HuggingFaceConfiguration(value, architecture: architecture)
    guard configuration.unknown.isEmpty else {
      throw ModelError(
        reason: "the configuration has members of which nothing is known, "
          + configuration.unknown.joined(separator: ", ")
          + ": they may change what the model computes; remove those that do not")
    }
    self = configuration.description
  }
}

extension Value {
  /// Whether two values are equal, where 1 is 1.0.
  fileprivate func isSameNumber(as other: Value) -> Bool {
    if let mine = doubleValue, let theirs = other.doubleValue { return mine == theirs }
    return self == other
  }
}
