private import Foundation

/// Where the heart suffers, as the direction in which the injury current shifts the ST segment.
///
/// Vectors are this project's own, chosen so that Dower's leads show the textbook pattern, reciprocal changes included.
package enum Territory: String, Sendable, CaseIterable {
    /// Left anterior descending artery: elevation in V1 to V4.
    case anterior
    /// Right coronary artery: elevation in II, III and aVF, depression in I and aVL.
    case inferior
    /// Left circumflex artery: elevation in V4 to V6, depression in V1 and V2.
    case lateral
    /// First diagonal branch: elevation in I, aVL and V4 to V6, depression in III and aVF.
    case highLateral
    /// Subendocardial ischaemia: depression in II and V3 to V6, elevation in aVR.
    case subendocardial

    /// The ST shift at magnitude 1, in millivolts.
    package var shift: DipoleVector {
        switch self {
        case .anterior: DipoleVector(0.05, -0.06, -0.2)
        case .inferior: DipoleVector(-0.06, 0.2, 0.03)
        case .lateral: DipoleVector(0.18, 0.03, 0.12)
        case .highLateral: DipoleVector(0.2, -0.08, 0.02)
        case .subendocardial: DipoleVector(-0.15, -0.12, 0.05)
        }
    }
}

/// What differs from a normal beat.
package struct Findings: Sendable, Equatable {
    /// A shift of the ST segment, from the J point to the onset of T.
    package struct STShift: Sendable, Equatable {
        package var territory: Territory
        /// Factor on ``Territory/shift``; 1 gives 0.15 to 0.3 mV in the leads that face the territory.
        package var magnitude: Double

        package init(territory: Territory, magnitude: Double) {
            self.territory = territory
            self.magnitude = magnitude
        }
    }

    /// A loss of early forces: the dipole turns away from a territory that no longer depolarises.
    package struct QWave: Sendable, Equatable {
        package var territory: Territory
        package var millivolts: Double

        package init(territory: Territory, millivolts: Double) {
            self.territory = territory
            self.millivolts = millivolts
        }
    }

    package var stShift: STShift?
    package var qWave: QWave?
    /// Factor on the T wave: 1 normal, negative inverted, 1.5 to 2.5 hyperacute.
    package var tWave: Double
    /// Whether ``tWave`` acts on the front-to-back coordinate alone (an anterior change) or on all three.
    package var tWaveIsAnterior: Bool

    package init(
        stShift: STShift? = nil, qWave: QWave? = nil, tWave: Double = 1, tWaveIsAnterior: Bool = false
    ) {
        self.stShift = stShift
        self.qWave = qWave
        self.tWave = tWave
        self.tWaveIsAnterior = tWaveIsAnterior
    }

    package static let none = Findings()
}

/// One beat with its findings as a function of phase.
struct BeatShape: Sendable {
    private let x: [WaveKernel]
    private let y: [WaveKernel]
    private let z: [WaveKernel]
    private let shift: DipoleVector
    private let lostForces: DipoleVector

    private static let jPoint = 0.25
    private static let tOnset = 1.0
    /// Steepness of the ST segment's two ends in radians: at mid-segment the shift is complete to 1e-5.
    private static let rise = 0.03
    private static let qWave = WaveKernel(height: 1, width: 0.06, phase: -0.2)

    init(_ findings: Findings) {
        let wide = findings.tWaveIsAnterior ? 1 : findings.tWave
        x = NormalBeat.x.map { $0.scalingTWave(by: wide) }
        y = NormalBeat.y.map { $0.scalingTWave(by: wide) }
        z = NormalBeat.z.map { $0.scalingTWave(by: findings.tWave) }
        shift = findings.stShift.map { $0.magnitude * $0.territory.shift } ?? .zero
        lostForces = findings.qWave.map { -$0.millivolts * $0.territory.shift.direction } ?? .zero
    }

    /// The dipole at a phase, in millivolts; nothing is left of a beat further than 2 pi from its R peak.
    func dipole(at phase: Double) -> DipoleVector {
        let normal = DipoleVector(Self.sum(x, phase), Self.sum(y, phase), Self.sum(z, phase))
        return normal + shift * Self.plateau(phase) + lostForces * Self.qWave.value(at: phase)
    }

    private static func sum(_ kernels: [WaveKernel], _ phase: Double) -> Double {
        var sum = 0.0
        for kernel in kernels { sum += kernel.value(at: phase) }
        return sum
    }

    private static func plateau(_ phase: Double) -> Double {
        guard phase > jPoint - 1, phase < tOnset + 1 else { return 0 }
        return 1 / (1 + exp((jPoint - phase) / rise)) / (1 + exp((phase - tOnset) / rise))
    }
}

extension WaveKernel {
    fileprivate func scalingTWave(by factor: Double) -> WaveKernel {
        isTWave ? WaveKernel(height: height * factor, width: width, phase: phase) : self
    }
}

extension DipoleVector {
    fileprivate var direction: DipoleVector { self / (self * self).sum().squareRoot() }
}
