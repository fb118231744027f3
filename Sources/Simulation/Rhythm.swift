private import Foundation

/// Sinus rhythm: a mean rate, and how the beats depart from it.
package struct Rhythm: Sendable, Equatable {
    /// Mean beats a minute.
    package var beatsPerMinute: Double
    /// Relative swing of the RR interval with breathing.
    package var respiratory: Double
    /// Relative deviation of the RR interval from beat to beat.
    package var irregularity: Double
    /// Breaths a second.
    package var breathsHertz: Double

    package init(
        beatsPerMinute: Double = 70, respiratory: Double = 0.03, irregularity: Double = 0.01,
        breathsHertz: Double = 0.25
    ) {
        self.beatsPerMinute = beatsPerMinute
        self.respiratory = respiratory
        self.irregularity = irregularity
        self.breathsHertz = breathsHertz
    }

    /// One beat: when its R peak is, and how long the interval before it was.
    struct Beat {
        let seconds: Double
        let interval: Double
    }

    /// The beats of a recording, from before its start (whose waves may reach into it) to one after its end.
    func beats(durationSeconds: Double, using generator: inout SeededGenerator) -> [Beat] {
        let mean = 60 / beatsPerMinute
        let breath = generator.uniform(0...(2 * .pi))
        var time = -2 - mean * generator.uniform()
        var beats: [Beat] = []
        while true {
            let swing = respiratory * sin(2 * .pi * breathsHertz * time + breath)
            let interval = mean * max(0.5, 1 + swing + irregularity * generator.gaussian())
            time += interval
            beats.append(Beat(seconds: time, interval: interval))
            if time > durationSeconds + interval { return beats }
        }
    }
}

extension Rhythm.Beat {
    /// Phase that the QRS complex takes on either side of the R peak, in radians.
    private static let halfQRS = 0.3
    /// Radians a second at 60 beats a minute, the rate that the model's phases are drawn for.
    private static let pace = 2 * Double.pi

    /// Phase of a moment within the beat, 0 at the R peak.
    ///
    /// The QRS complex lasts as long at any rate; PR and QT intervals follow the square root of the RR interval (Bazett,
    /// Heart 7:353, 1920).
    func phase(at seconds: Double) -> Double {
        let elapsed = seconds - self.seconds
        let phase = elapsed.magnitude * Self.pace
        guard phase > Self.halfQRS else { return elapsed * Self.pace }
        let stretched = Self.halfQRS + (phase - Self.halfQRS) / interval.squareRoot()
        return elapsed < 0 ? -stretched : stretched
    }

    /// How long before and after its R peak the beat lasts: one cycle of phase, where every wave has ended.
    var reachSeconds: Double { interval.squareRoot() }
}
