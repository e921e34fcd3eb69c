# a request, its response with trailers, then an orderly end
begin h2
bodies 10
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/x content-length=2
0.015 ? stalled client since 0.010
0.020 C> h2 DATA 1 END "hi"
0.025 ? stalled upstream since 0.020
0.030 U> h2 HEADERS 1 :status=200
0.035 ? waiting upstream
0.040 U> h2 DATA 1 "ok"
0.050 U> h2 HEADERS 1 END x-checksum=1
0.060 C> FIN
= {"kind":"event","protocol":"http2","request":{"method":"POST","path":"/x","authority":"h","stream_id":1,"body_b64":"aGk=","content_length":2},"response":{"status":200,"body_b64":"b2s=","trailers":[["x-checksum","1"]]},"bytes_in":2,"bytes_out":2,"ttfb_ms":10.0,"flags":[],"error":null}
= {"kind":"conn","close_reason":"completed","closed_by":"client"}
---
# the upstream stops in the middle of announced content
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/x
0.020 U> h2 HEADERS 1 :status=200 content-length=5
0.030 U> h2 DATA 1 "abc"
9.000 ? stalled upstream since 0.030
9.010 U> FIN
9.020 C> FIN
= {"kind":"event","flags":["cut"],"error":"upstream_fin in the middle of the response","bytes_out":3}
= {"kind":"conn","close_reason":"upstream_fin"}
---
# the stream is reset before the response
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/x
0.020 U> h2 RST 1 7
0.030 C> FIN
= {"kind":"event","flags":["upstream_reset"],"error":"RST_STREAM REFUSED_STREAM by upstream","ts_end":1700000000.02}
= {"kind":"h2ctl","h2_event":"RST_STREAM","direction":"upstream","stream_id":1,"details":{"error_code":7,"error_name":"REFUSED_STREAM"}}
= {"kind":"conn","close_reason":"completed"}
---
# NO_ERROR after a complete response only ends the upload
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 :method=POST :scheme=https :authority=h :path=/x
0.020 U> h2 HEADERS 1 :status=413
0.030 U> h2 DATA 1 END "too big"
0.031 U> h2 RST 1 0
0.040 C> FIN
= {"kind":"event","response":{"status":413},"ttfb_ms":null,"flags":["early_response","upstream_reset","request_unfinished"],"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# NO_ERROR before the response is complete truncates it
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/x
0.020 U> h2 HEADERS 1 :status=200
0.030 U> h2 RST 1 0
0.040 C> FIN
= {"kind":"event","flags":["upstream_reset"],"error":"RST_STREAM NO_ERROR by upstream"}
= {"kind":"conn","close_reason":"completed"}
---
# two streams are cut at once, one had its response
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/1
0.010 C> h2 HEADERS 3 END :method=GET :scheme=https :authority=h :path=/3
0.010 C> h2 HEADERS 5 END :method=GET :scheme=https :authority=h :path=/5
0.020 U> h2 HEADERS 3 END :status=200
0.030 U> h2 HEADERS 5 :status=200
0.040 U> RST
= {"kind":"event","request":{"stream_id":3},"error":null}
= {"kind":"event","request":{"stream_id":1},"flags":["cut"],"error":"upstream_rst before the response"}
= {"kind":"event","request":{"stream_id":5},"flags":["cut"],"error":"upstream_rst in the middle of the response"}
= {"kind":"conn","close_reason":"upstream_rst","detail":"2 exchanges were in flight","path":"/5"}
---
# content without a length is quiet: nobody's turn
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/events
0.020 U> h2 HEADERS 1 :status=200 content-type=text/event-stream
0.030 U> h2 DATA 1 "data: 1"
9.000 ? waiting upstream
9.000 ? waiting client
9.000 ? busy yes
9.010 P> proxy_idle_timeout
= {"kind":"event","flags":["cut"],"error":"proxy_idle_timeout in the middle of the response"}
= {"kind":"conn","close_reason":"proxy_idle_timeout","flags":["proxy_idle_timeout"]}
---
# the client does not grant credit: it is waited for, since the window ran empty
begin h2
0.000 C> h2 PREFACE
0.000 C> h2 SETTINGS 4=5
0.001 U> h2 SETTINGS
0.001 U> h2 ACK
0.002 U> h2 ACK
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/x
0.020 U> h2 HEADERS 1 :status=200 content-length=10
5.000 U> h2 DATA 1 "12345"
9.000 ? stalled client since 5.000
9.000 ? waiting upstream
9.100 C> h2 WINDOW 1 5
9.200 ? stalled upstream since 5.000
9.300 U> h2 DATA 1 END "67890"
9.400 C> FIN
= {"kind":"h2ctl","h2_event":"FLOW_BLOCK","direction":"upstream","stream_id":1,"details":{"scope":"stream","wanted_bytes":5,"window":0}}
= {"kind":"h2ctl","h2_event":"FLOW_RESUME","details":{"scope":"stream","blocked_ms":4100.0}}
= {"kind":"event","flags":["flow_blocked"],"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# the connection's window runs empty: whoever sends then is blocked, who has sent is not
begin h2
0.000 C> h2 PREFACE
0.000 C> h2 SETTINGS 4=200000 5=100000
0.001 U> h2 SETTINGS
0.001 U> h2 ACK
0.002 U> h2 ACK
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/1
0.010 C> h2 HEADERS 3 END :method=GET :scheme=https :authority=h :path=/3
0.020 U> h2 HEADERS 1 END :status=200
0.030 U> h2 HEADERS 3 :status=200
0.040 U> h2 DATA 3 zeros 65535
0.050 C> h2 WINDOW 0 100
0.060 U> h2 DATA 3 END "x"
0.070 C> h2 HEADERS 5 END :method=GET :scheme=https :authority=h :path=/5
0.080 U> h2 HEADERS 5 :status=200
0.090 U> h2 DATA 5 END "x"
0.100 C> FIN
= {"kind":"h2ctl","h2_event":"FLOW_BLOCK","direction":"upstream","stream_id":null,"details":{"scope":"connection"}}
= {"kind":"event","request":{"stream_id":1},"flags":[],"error":null}
= {"kind":"event","request":{"stream_id":3},"flags":["flow_blocked"],"error":null}
= {"kind":"event","request":{"stream_id":5},"flags":[],"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# a pushed response that the client declines is not an error
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/
0.020 U> h2 PUSH 1 2 :method=GET :scheme=https :authority=h :path=/style.css
0.030 U> h2 HEADERS 1 END :status=200
0.040 C> h2 RST 2 8
0.050 C> FIN
= {"kind":"event","request":{"stream_id":1},"error":null}
= {"kind":"event","request":{"stream_id":2,"path":"/style.css"},"flags":["pushed","client_reset"],"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# a client whose header section cannot be decoded
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/1
0.020 C> h2 FRAME 1 0 "x"
0.030 U> h2 GOAWAY 1 1 "HEADERS on stream 0"
0.040 U> FIN
0.050 C> FIN
= {"kind":"event","flags":["cut"],"error":"client_protocol_error before the response, after GOAWAY PROTOCOL_ERROR(1) last=1 'HEADERS on stream 0' by upstream"}
= {"kind":"conn","close_reason":"client_protocol_error","closed_by":"upstream"}
---
# a breach inside a response is an error of that exchange
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/x
0.020 U> h2 HEADERS 1 :status=200 content-length=5
0.030 U> h2 DATA 1 END "abc"
0.040 C> FIN
= {"kind":"event","flags":["malformed"],"error":"malformed: content-length is 5, DATA held 3 bytes (RFC 9113 §8.1.1)"}
= {"kind":"conn","close_reason":"completed"}
---
# a breach that everybody overlooked explains nothing that comes later
begin h2
0.000 C> h2 PREFACE
0.001 U> h2 SETTINGS
0.005 U> h2 ACK
0.006 U> h2 ACK
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/1
0.020 U> h2 HEADERS 1 END :status=200
0.030 C> h2 HEADERS 3 END :method=GET :scheme=https :authority=h :path=/3
0.040 C> RST
= {"kind":"h2ctl","h2_event":"PROTOCOL_ERROR","direction":"upstream"}
= {"kind":"event","request":{"stream_id":1},"error":null}
= {"kind":"event","request":{"stream_id":3},"flags":["cut"],"error":"client_rst before the response"}
= {"kind":"conn","close_reason":"client_rst"}
---
# the upstream answers the preface with HTTP/1.1
begin h2
0.000 C> h2 PREFACE
0.000 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/x
0.010 U> "HTTP/1.1 400 Bad Request\r\n\r\n"
0.020 U> FIN
0.030 C> FIN
= {"kind":"event","flags":["decoder_lost","malformed"],"error":"malformed: the upstream answered the HTTP/2 preface with 'HTTP/1.1 400 Bad Request' (RFC 9113 §3.4)","response":{"status":null}}
= {"kind":"conn","close_reason":"upstream_protocol_error","closed_by":"upstream","flags":["client_fin","upstream_fin","decoder_lost_out"],"detail":"the upstream answered the HTTP/2 preface with 'HTTP/1.1 400 Bad Request' (RFC 9113 §3.4)"}
