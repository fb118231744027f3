extension ResNet {
    /// A network before training: convolutions uniform with He's variance 2 / (outputs * taps), as torchvision's normal
    /// ones have it (He et al., ICCV 2015, "fan out"), normalisations 1 and 0, the classifier within
    /// 1 / sqrt(features).
    ///
    /// `generator` is asked for the values in the network's order: equal seeds give equal networks.
    package init(_ config: ResNetConfig, generator: inout some RandomNumberGenerator) {
        self.init(config: config)
        for (name, shape) in config.parameters {
            let count = shape.reduce(1, *)
            if shape.count == 1 && name != "fc.bias" {
                parameters[name] = [Scalar](repeating: name.hasSuffix(".weight") ? 1 : 0, count: count)
                continue
            }
            let bound =
                shape.count == 3
                ? (6 / Double(shape[0] * shape[2])).squareRoot() : 1 / Double(config.features).squareRoot()
            parameters[name] = (0..<count).map { _ in
                Scalar(bound * (Double(generator.next() >> 11) * 0x1p-52 - 1))
            }
        }
        for (name, shape) in config.buffers {
            buffers[name] = [Scalar](repeating: name.hasSuffix("_var") ? 1 : 0, count: shape[0])
        }
    }
}
