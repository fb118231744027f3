/// Requests in, answers out.
extension Connection {
    /// Decodes as far as bytes and stage allow.
    mutating func advance(_ now: Instant) {
        do throws(MessageRefusal) {
            while stage == .reading || stage == .body || stage == .discarding {
                guard let part = try decoder.next() else { break }
                switch part {
                case .head(let head): admit(head, now)
                case .end(let body, let trailers): complete(body, trailers, now)
                }
            }
        } catch {
            return stage == .discarding ? beginLingering(now) : refuse(error, now)
        }
        if stage == .reading, !decoder.isInsideRequest { headStart = nil }
        settle(now)
    }

    /// What the end of input or of service means, once nothing more can be decoded.
    private mutating func settle(_ now: Instant) {
        switch stage {
        case .reading where !decoder.isInsideRequest:
            if hasInputEnded || isDraining { close(now) }
        case .reading, .body:
            if hasInputEnded { refuse(.incomplete, now) }
        case .discarding:
            if hasInputEnded { close(now) }
        case .handling, .sending, .lingering, .closed: break
        }
    }

    /// Judges a head: the body is only waited for when the answer is not certain without it.
    private mutating func admit(_ head: RequestHead, _ now: Instant) {
        serial += 1
        exchange = Exchange(
            method: head.method, version: head.version, keepsConnection: head.keepsConnection,
            requestID: requestID(of: head), started: now, head: head)
        let expectations = head.version == .http11 ? head.fields.members(.expect) : []
        let expectsContinue = expectations.contains("100-continue")
        guard expectations.allSatisfy({ $0 == "100-continue" }) else {
            return answerEarly(Problem(.expectation).response(), head, expectsContinue: true, now)
        }
        switch rules.gate(head) {
        case .refuse(let response, let route):
            exchange?.template = route
            return answerEarly(response, head, expectsContinue: expectsContinue, now)
        case .accept(let route):
            exchange?.route = route
            exchange?.template = route.template
            let limit = route.maximumBodyBytes ?? rules.limits.bodyBytes
            if case .length(let length) = head.framing, length > limit {
                let response = Problem(.contentTooLarge).response()
                return answerEarly(response, head, expectsContinue: expectsContinue, now)
            }
            decoder.limitBody(to: limit)
            enter(.body, now)
            stageBytes = decoder.bufferedBytes
            if expectsContinue { invite(head) }
        }
    }

    /// `100 Continue`, unless there is no body or it is coming already (RFC 9110 §10.1.1).
    private mutating func invite(_ head: RequestHead) {
        guard head.hasBody, decoder.bufferedBytes == 0 else { return }
        actions.append(.send(ResponseEncoder.goOn))
    }

    /// Answers before the body has come. A short body is read away and the connection kept; after a long one,
    /// or one that may never be sent, the connection cannot be used again.
    private mutating func answerEarly(
        _ response: HTTPResponse, _ head: RequestHead, expectsContinue: Bool, _ now: Instant
    ) {
        if case .length(let length) = head.framing, length > rules.discardableBytes {
            closesAfterOutput = true
        }
        if head.hasBody && expectsContinue { closesAfterOutput = true }
        hasOutstandingBody = true
        decoder.discardBody(limit: rules.discardableBytes)
        send(response, now)
    }

    /// A request is whole: hands it over, or ends reading away.
    private mutating func complete(_ body: [UInt8], _ trailers: HTTPFields, _ now: Instant) {
        hasOutstandingBody = false
        guard stage == .body, let head = exchange?.head, let route = exchange?.route else {
            enter(.reading, now)
            headStart = now
            return
        }
        exchange?.requestBytes = body.count
        let request = HTTPRequest(
            head: head, body: body, trailers: trailers, parameters: route.parameters,
            requestID: exchange?.requestID ?? "", remoteAddress: remoteAddress)
        enter(.handling, now)
        actions.append(.deliver(request, route, exchange: serial))
    }

    /// The client's id for the request where it is harmless, else a new one.
    private func requestID(of head: RequestHead) -> String {
        let offered = head.fields.values(.requestID)
        guard offered.count == 1, let id = offered.first, (1...128).contains(id.utf8.count),
            id.utf8.allSatisfy(ByteSet.requestID.contains)
        else { return rules.makeRequestID() }
        return id
    }
}

/// Ends.
extension Connection {
    /// Sends a final answer.
    mutating func send(_ response: HTTPResponse, _ now: Instant) {
        var exchange = self.exchange.take() ?? unread(now)
        if response.fields.members(.connection).contains("close") || !exchange.keepsConnection {
            closesAfterOutput = true
        }
        if isDraining || (hasInputEnded && decoder.bufferedBytes == 0) { closesAfterOutput = true }
        var response = response
        if let head = exchange.head { rules.crossOrigin?.apply(to: &response, for: head) }
        var output = ResponseEncoder.encode(
            response,
            .init(
                requestID: exchange.requestID, omitsBody: exchange.method == .head, closes: closesAfterOutput,
                announcesKeepAlive: exchange.version == .http10), rules)
        output.isLast = closesAfterOutput
        exchange.status = response.status
        exchange.responseBytes = output.body.count
        self.exchange = exchange
        enter(.sending, now)
        actions.append(.send(output))
    }

    /// Answers what is not a request that can be taken, and closes (RFC 9112 §11.2: when in doubt, close).
    mutating func refuse(_ refusal: MessageRefusal, _ now: Instant) {
        closesAfterOutput = true
        send(Problem(refusal).response(), now)
    }

    /// Stands for a request whose head could not be read.
    private func unread(_ now: Instant) -> Exchange {
        Exchange(
            method: decoder.requestLine?.method, version: .http11, keepsConnection: false,
            requestID: rules.makeRequestID(), started: headStart ?? now)
    }

    mutating func beginLingering(_ now: Instant) {
        if hasInputEnded { return close(now) }
        enter(.lingering, now)
        lastInput = now
        actions.append(.endOutput)
    }

    mutating func close(_ now: Instant) {
        guard stage != .closed else { return }
        if stage == .handling { actions.append(.cancel(exchange: serial)) }
        report(now, isComplete: false)
        enter(.closed, now)
        actions.append(.close)
    }

    mutating func report(_ now: Instant, isComplete: Bool) {
        guard let exchange = exchange.take() else { return }
        actions.append(
            .report(
                ExchangeSummary(
                    method: exchange.method, route: exchange.template, status: exchange.status,
                    requestBytes: exchange.requestBytes, responseBytes: exchange.responseBytes,
                    duration: now - exchange.started, requestID: exchange.requestID,
                    remoteAddress: remoteAddress, traceID: exchange.head?.traceParent?.traceID,
                    isComplete: isComplete)))
    }
}
