import Glibc

/// Binary cross-entropy of logits, the mean over records.
package enum BinaryCrossEntropy {
    /// Loss and its gradient for every logit. A record of label true counts `positiveWeight` times, as PyTorch's
    /// `pos_weight` has it; computed in float64, without overflow for any finite logit.
    package static func evaluate<Scalar: NetworkScalar>(
        logits: [Scalar], labels: [Bool], positiveWeight: Double = 1
    ) -> (loss: Double, gradient: [Scalar]) {
        precondition(logits.count == labels.count && !logits.isEmpty && positiveWeight > 0)
        var loss = 0.0
        var gradient: [Scalar] = []
        gradient.reserveCapacity(logits.count)
        for (logit, label) in zip(logits, labels) {
            // The loss of a record is log(1 + e^-s), s the logit with the sign of the label.
            let signed = label ? Double(logit) : -Double(logit)
            let weight = (label ? positiveWeight : 1) / Double(logits.count)
            let small = exp(-abs(signed))
            loss += weight * (max(-signed, 0) + log1p(small))
            let slope = signed >= 0 ? small / (1 + small) : 1 / (1 + small)
            gradient.append(Scalar(weight * (label ? -slope : slope)))
        }
        return (loss, gradient)
    }
}
