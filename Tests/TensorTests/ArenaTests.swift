import Synchronization
import Tensor
import Testing

@Suite struct ArenaTests {
    private struct Layout {
        let kept: Place
        let early: Place
        let late: Place
        let scratch: ScratchPlace

        init() {
            var plan = ArenaPlan()
            kept = plan.place(rows: 3, columns: 5)
            let mark = plan.end
            early = plan.place(rows: 7, columns: 33)
            plan.share(from: mark)
            late = plan.place(rows: 2, columns: 1_024, spreadingRows: true)
            scratch = plan.scratch(countEach: 40, products: [])
        }
    }

    @Test func placesShareOnlyWhatTheyMay() {
        let layout = Layout()
        Arenas().with(count: layout.scratch.arenaCount(threads: 2)) { arena in
            let (kept, early, late) = (
                arena.matrix(layout.kept), arena.matrix(layout.early), arena.matrix(layout.late)
            )
            kept.copy((0..<15).map(Float.init))
            early.copy([Float](repeating: -1, count: 7 * 33))
            late.copy((0..<2_048).map(Float.init))
            #expect(late.stride == 1_040)
            #expect(kept.values == (0..<15).map(Float.init))
            #expect(late.values == (0..<2_048).map(Float.init))
            #expect(early[0, 0] == 0 && early[1, 2] == 35)
        }
    }

    @Test func keepsOneArenaForEachPassAtATime() {
        let arenas = Arenas()
        for _ in 0..<3 {
            arenas.with(count: 1_000) { _ in arenas.with(count: 500) { _ in } }
        }
        #expect(arenas.idleCount == 1_500)
        // What is too small makes room.
        arenas.with(count: 2_000) { _ in }
        #expect(arenas.idleCount == 2_500 || arenas.idleCount == 3_000)
        for _ in 0..<5 { arenas.with(count: 1_500) { _ in } }
        #expect(arenas.idleCount <= 3_000)
    }

    @Test func aFailedPassGivesItsArenaBack() {
        struct Failure: Error {}
        let arenas = Arenas()
        #expect(throws: Failure.self) {
            try arenas.with(count: 700) { _ throws(Failure) in throw Failure() }
        }
        #expect(arenas.idleCount == 700)
    }
}
