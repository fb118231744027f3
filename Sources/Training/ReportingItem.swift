import Scoring

/// An item of TRIPOD+AI (Collins et al., BMJ 2024;385:e078378) and what a run can say to it.
struct ReportingItem {
    /// As the statement numbers it: "12c".
    let number: String
    /// What it asks for, in our words.
    let topic: String
    /// Nil where only the site knows.
    let answer: String?

    /// All 52, in the statement's order.
    static func all(of manifest: Manifest) -> [ReportingItem] {
        let answers = ReportingAnswers(manifest: manifest)
        let known = answers.introduction.merging(answers.methods) { $1 }.merging(answers.results) { $1 }
        return topics.map { ReportingItem(number: $0.number, topic: $0.topic, answer: known[$0.number]) }
    }

    private static let topics: [(number: String, topic: String)] = [
        ("1", "title"), ("2", "abstract"), ("3a", "healthcare context and existing models"),
        ("3b", "intended purpose, users and place in the care pathway"),
        ("3c", "known health inequalities"), ("4", "objectives"), ("5a", "source of data"),
        ("5b", "dates of data"), ("6a", "setting and centres"), ("6b", "eligibility"),
        ("6c", "treatments received"), ("7", "data preparation"), ("8a", "outcome"),
        ("8b", "who assessed the outcome"), ("8c", "blinding of the outcome's assessors"),
        ("9a", "choice of predictors"), ("9b", "definition of predictors"),
        ("9c", "who assessed the predictors"), ("10", "sample size"), ("11", "missing data"),
        ("12a", "use of the data"), ("12b", "handling of predictors"),
        ("12c", "type of model, tuning and internal validation"),
        ("12d", "heterogeneity between clusters, how studied"), ("12e", "measures of performance"),
        ("12f", "updating of the model"), ("12g", "how predictions are calculated"),
        ("13", "class imbalance"), ("14", "fairness, how addressed"), ("15", "output of the model"),
        ("16", "development against evaluation data"), ("17", "ethical approval"), ("18a", "funding"),
        ("18b", "conflicts of interest"), ("18c", "protocol"), ("18d", "registration"),
        ("18e", "availability of data"), ("18f", "availability of code"),
        ("19", "involvement of patients and public"), ("20a", "flow of participants"),
        ("20b", "characteristics of participants"), ("20c", "comparison of the parts"),
        ("21", "participants and events of each analysis"), ("22", "the model in full"),
        ("23a", "performance with intervals, subgroups"), ("23b", "heterogeneity between clusters, results"),
        ("24", "results of updating"), ("25", "interpretation"), ("26", "limitations"),
        ("27a", "input of poor quality or not there"), ("27b", "what users do and must know"),
        ("27c", "next steps"),
    ]
}
