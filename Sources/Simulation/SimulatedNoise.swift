private import Foundation

/// What an electrode adds to the heart's voltage. All amounts in millivolts; 0 leaves a source out.
package struct SimulatedNoise: Sendable, Equatable {
    /// Deviation of the amplifier's white noise.
    package var white: Double
    /// Deviation of muscle noise at the height of its bursts.
    package var muscle: Double
    /// Amplitude of the mains' hum.
    package var mains: Double
    /// Frequency of the mains, 50 or 60 Hz.
    package var mainsHertz: Double
    /// Amplitude of the baseline's wander with breathing and skin potential.
    package var wander: Double

    package init(
        white: Double = 0, muscle: Double = 0, mains: Double = 0, mainsHertz: Double = 50, wander: Double = 0
    ) {
        self.white = white
        self.muscle = muscle
        self.mains = mains
        self.mainsHertz = mainsHertz
        self.wander = wander
    }

    package static let none = SimulatedNoise()

    /// Adds noise to the independent leads, `[8][samples]`: each its own, so that derived leads stay consistent.
    func add(
        to leads: inout [[Double]], sampleRateHertz: Double, breathsHertz: Double,
        using generator: inout SeededGenerator
    ) {
        for index in leads.indices {
            let hum = Tone(mains * generator.uniform(0.3...1), mainsHertz, generator.uniform())
            let breath = Tone(wander * generator.uniform(0.4...1), breathsHertz, generator.uniform())
            let drift = Tone(wander * generator.uniform(0.2...0.8), 0.07, generator.uniform())
            let burst = Tone(muscle, generator.uniform(0.1...0.4), generator.uniform())
            for sample in leads[index].indices {
                let time = Double(sample) / sampleRateHertz
                var added = hum.value(at: time) + breath.value(at: time) + drift.value(at: time)
                if white > 0 { added += white * generator.gaussian() }
                if muscle > 0 { added += max(0, burst.value(at: time)) * generator.gaussian() }
                leads[index][sample] += added
            }
        }
    }
}

private struct Tone {
    let amplitude: Double
    let hertz: Double
    let turn: Double

    init(_ amplitude: Double, _ hertz: Double, _ turn: Double) {
        self.amplitude = amplitude
        self.hertz = hertz
        self.turn = turn
    }

    func value(at seconds: Double) -> Double {
        amplitude == 0 ? 0 : amplitude * sin(2 * .pi * (hertz * seconds + turn))
    }
}
