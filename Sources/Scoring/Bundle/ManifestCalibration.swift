import Bytes
import Foundation
package import Risk

extension Manifest {
    /// How a head's margin becomes a probability.
    package struct CalibrationEntry: Codable, Sendable, Equatable {
        /// The one method there is: ``Calibration``.
        package static let logistic = "logistic"

        package var method: String
        package var intercept: Double
        package var slope: Double
        /// Out-of-fold scores that it was fitted to.
        package var records: Int
        /// 0 where they are of a booster that learnt from none of the records.
        package var folds: Int
        /// Share of positives among those records, and where the site expects another: the probability is then re-based.
        package var prevalence: Double?
        package var sitePrevalence: Double?

        package init(
            method: String, intercept: Double, slope: Double, records: Int, folds: Int,
            prevalence: Double? = nil, sitePrevalence: Double? = nil
        ) {
            self.method = method
            self.intercept = intercept
            self.slope = slope
            self.records = records
            self.folds = folds
            self.prevalence = prevalence
            self.sitePrevalence = sitePrevalence
        }

        /// What re-basing adds to the log-odds: the difference of the prior ones (Elkan, The Foundations of Cost-Sensitive
        /// Learning, IJCAI 2001, theorem 2). 0 without a prevalence of the site; nil when either is no share.
        package var shift: Double? {
            guard let sitePrevalence else { return 0 }
            guard let prevalence, prevalence > 0, prevalence < 1, sitePrevalence > 0, sitePrevalence < 1
            else {
                return nil
            }
            return log(sitePrevalence / (1 - sitePrevalence)) - log(prevalence / (1 - prevalence))
        }

        /// As fitted, re-based; nil when a prevalence is no share or the slope is not above 0.
        package var rebased: Calibration? {
            shift.flatMap { Calibration(intercept: intercept + $0, slope: slope) }
        }
    }

    /// A threshold of the probability, chosen on out-of-fold scores and measured on the test part.
    package struct OperatingPointEntry: Codable, Sendable, Equatable {
        /// "spec95", "sens95" or "youden".
        package var name: String
        /// A probability from here up is called positive.
        package var threshold: Double
        package var sensitivity: IntervalEntry
        package var specificity: IntervalEntry
        /// At the site's prevalence where one is stated, else the test part's; absent when nobody was called positive.
        package var positivePredictiveValue: IntervalEntry?
        /// Likewise; absent when all were called positive.
        package var negativePredictiveValue: IntervalEntry?
        package var records: Int
        package var positives: Int

        package init(
            name: String, threshold: Double, sensitivity: IntervalEntry, specificity: IntervalEntry,
            positivePredictiveValue: IntervalEntry?, negativePredictiveValue: IntervalEntry?, records: Int,
            positives: Int
        ) {
            self.name = name
            self.threshold = threshold
            self.sensitivity = sensitivity
            self.specificity = specificity
            self.positivePredictiveValue = positivePredictiveValue
            self.negativePredictiveValue = negativePredictiveValue
            self.records = records
            self.positives = positives
        }
    }
}

extension Manifest.HeadEntry {
    /// The calibration that the entry describes; nil when it has none.
    ///
    /// Throws: ``BundleError`` for a method that is not known, a slope that is not above 0, or an operating point that
    /// is no threshold of a probability.
    func makeCalibration() throws(BundleError) -> Calibration? {
        for point in operatingPoints ?? [] where !(0...1).contains(point.threshold) {
            throw Self.refusal("head '\(id)': '\(point.name)' has a threshold of \(point.threshold)")
        }
        guard let calibration else { return nil }
        guard calibration.method == Manifest.CalibrationEntry.logistic else {
            throw Self.refusal("head '\(id)': the calibration '\(calibration.method)' is not known")
        }
        guard calibration.shift != nil else {
            throw Self.refusal("head '\(id)': a prevalence is missing or is no share between 0 and 1")
        }
        guard let made = calibration.rebased else {
            throw Self.refusal("head '\(id)': a calibration with a slope of \(calibration.slope)")
        }
        return made
    }

    private static func refusal(_ text: String) -> BundleError {
        BundleError(.manifest, file: BundleFolder.manifestName, text)
    }
}

extension Manifest.OperatingPointEntry {
    /// The point, and on which side of it a probability is.
    func document(probability: Float) -> JSONDocument {
        [
            "name": .text(name), "threshold": .number(threshold),
            "isReached": .bool(Double(probability) >= threshold), "sensitivity": sensitivity.document,
            "specificity": specificity.document, "ppv": positivePredictiveValue?.document ?? .null,
            "npv": negativePredictiveValue?.document ?? .null, "records": .integer(records),
            "positives": .integer(positives),
        ]
    }
}
