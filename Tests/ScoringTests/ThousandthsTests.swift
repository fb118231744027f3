import Scoring
import Testing

struct ThousandthsTests {
    @Test(arguments: [(19.455252918287936, "19.455"), (10, "10.0"), (-0.0004, "-0.0"), (0.9995, "1.0")])
    func areWhatPeopleRead(value: Double, text: String) {
        #expect("\(value.inThousandths)" == text)
    }
}
