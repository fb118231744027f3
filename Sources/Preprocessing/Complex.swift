private import Foundation

/// A complex number: real part in `x`, imaginary part in `y`.
package typealias Complex = SIMD2<Double>

extension SIMD2<Double> {
    /// exp(-2 pi i k/n), the k-th root of unity as the forward transform turns.
    ///
    /// The angle is first folded to one eighth of the circle in exact integer arithmetic, so that every root is
    /// accurate to the last bit or two whatever `n` is.
    static func root(_ k: Int, of n: Int) -> Complex {
        let turn = k % n
        if 2 * turn > n { return conjugate(root(n - turn, of: n)) }
        if 4 * turn > n {
            let mirrored = fraction(n - 2 * turn, of: 2 * n)
            return Complex(-mirrored.x, mirrored.y)
        }
        return fraction(turn, of: n)
    }

    /// exp(-2 pi i k/n) for angles up to a quarter of the circle.
    private static func fraction(_ k: Int, of n: Int) -> Complex {
        if 8 * k > n {
            let angle = 2 * Double.pi * (Double(n - 4 * k) / Double(4 * n))
            return Complex(sin(angle), -cos(angle))
        }
        let angle = 2 * Double.pi * (Double(k) / Double(n))
        return Complex(cos(angle), -sin(angle))
    }

    @inline(__always) static func product(_ a: Complex, _ b: Complex) -> Complex {
        Complex(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
    }

    @inline(__always) static func conjugate(_ a: Complex) -> Complex { Complex(a.x, -a.y) }

    /// `a` times -i.
    @inline(__always) static func turned(_ a: Complex) -> Complex { Complex(a.y, -a.x) }
}
