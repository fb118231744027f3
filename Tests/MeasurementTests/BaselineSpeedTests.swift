import Bytes
import Measurement
import Tensor
import Testing

@Suite struct BaselineSpeedTests {
    @Test func measuresWhatItIsAskedFor() throws {
        var speed = try BaselineSpeed(batch: 2, pool: WorkerPool(threads: 2))
        let measured = speed.measure(.infer, rounds: 2)
        #expect(measured.median > 0)
        let text = measured.document.serialised()
        #expect(text.contains("\"work\":\"infer\"") && text.contains("\"threads\":2"))
    }
}
