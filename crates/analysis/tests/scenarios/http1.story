# a request and its response, then an orderly end
begin h1
bodies 100
0.000 C> "GET /a?b=1 HTTP/1.1\r\nHost: h\r\nAuthorization: secret\r\n\r\n"
0.010 ? stalled upstream since 0.000
0.010 ? waiting client
0.020 U> "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"
0.030 ? stalled upstream since 0.020
0.040 U> "lo"
0.050 ? between-requests yes
0.060 C> FIN
0.070 U> FIN
= {"kind":"event","protocol":"http1","ts_start":1700000000.0,"ts_end":1700000000.04,"request":{"method":"GET","path":"/a?b=1","authority":"h","stream_id":null,"headers":[["Host","h"],["Authorization","***"]],"body_b64":null},"response":{"status":200,"content_length":5,"body_b64":"aGVsbG8=","body_truncated":false},"bytes_in":0,"bytes_out":5,"ttfb_ms":20.0,"duration_ms":40.0,"flags":[],"error":null,"upstream_addr":"up:443"}
= {"kind":"conn","event":"close","close_reason":"completed","closed_by":"client","flags":["client_fin","upstream_fin"],"detail":null,"path":"/a?b=1","duration_ms":70.0,"bytes_out":43}
---
# a body longer than the capture
begin h1
bodies 3
0.000 C> "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde"
0.010 U> "HTTP/1.1 204 No Content\r\n\r\n"
0.020 U> FIN
= {"kind":"event","request":{"body_b64":"YWJj","body_truncated":true},"bytes_in":5,"response":{"status":204,"body_b64":null},"error":null}
= {"kind":"conn","event":"close","close_reason":"completed","closed_by":"upstream","flags":["upstream_fin","capture_truncated"]}
---
# without log_headers no header is kept
begin h1
no-headers
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: b\r\n\r\n"
0.020 C> FIN
= {"kind":"event","request":{"authority":"h","headers":[]},"response":{"status":200,"headers":[]},"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# a server error is an error
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
0.020 C> FIN
= {"kind":"event","response":{"status":503},"error":"HTTP status 503"}
= {"kind":"conn","close_reason":"completed"}
---
# two pipelined requests are answered in order
begin h1
0.000 C> "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"
# the second waits behind a stream that is quiet: nobody's turn
9.000 ? waiting upstream
9.000 ? waiting client
9.010 U> "0\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
9.020 C> FIN
= {"kind":"event","request":{"path":"/1"},"response":{"status":200},"error":null}
= {"kind":"event","request":{"path":"/2"},"response":{"status":404},"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# 100-continue: until it comes the upstream is waited for, then the client
begin h1
0.000 C> "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
0.500 ? stalled upstream since 0.000
0.500 ? waiting client
1.000 U> "HTTP/1.1 100 Continue\r\n\r\n"
1.500 ? stalled client since 1.000
1.500 ? waiting upstream
2.000 C> "ab"
2.500 ? stalled upstream since 2.000
3.000 U> "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
3.100 C> FIN
= {"kind":"event","flags":["expect_continue"],"ttfb_ms":1000.0,"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# an early answer ends the upload: no error, but the request is unfinished
begin h1
0.000 C> "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nab"
0.010 U> "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
0.011 ? waiting client
0.020 U> RST
= {"kind":"event","response":{"status":413},"ttfb_ms":null,"flags":["early_response","request_unfinished"],"error":null}
= {"kind":"conn","close_reason":"upstream_rst","closed_by":"upstream","flags":["upstream_rst"]}
---
# content that only the end of the connection ends
begin h1
0.000 C> "GET / HTTP/1.0\r\n\r\n"
0.010 U> "HTTP/1.0 200 OK\r\n\r\nall of it"
9.000 ? waiting upstream
9.010 U> FIN
9.020 C> FIN
= {"kind":"event","bytes_out":9,"error":null,"duration_ms":9010.0}
= {"kind":"conn","close_reason":"completed","closed_by":"upstream"}
---
# the same, but TLS ended without close_notify: possibly not all of it
begin h1
0.000 C> "GET / HTTP/1.0\r\n\r\n"
0.010 U> "HTTP/1.0 200 OK\r\n\r\nsome of it"
0.020 U> EOF
0.030 C> FIN
= {"kind":"event","bytes_out":10,"flags":["cut"],"error":"upstream_fin in the middle of the response","ts_end":1700000000.02}
= {"kind":"conn","close_reason":"upstream_fin","flags":["client_fin","upstream_fin","upstream_no_close_notify"],"detail":"1 exchange was in flight; TLS ended without close_notify"}
---
# without close_notify when nothing is in flight is harmless
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
0.020 U> EOF
0.030 C> EOF
= {"kind":"event","error":null}
= {"kind":"conn","close_reason":"completed","flags":["client_fin","client_no_close_notify","upstream_fin","upstream_no_close_notify"]}
---
# chunked events of a quiet subscription: nobody's turn between two of them
begin h1
0.000 C> "GET /events HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n8\r\ndata: 1\n\r\n"
9.000 ? waiting upstream
9.000 ? waiting client
9.100 U> "8\r\ndata"
9.200 ? stalled upstream since 9.100
9.300 U> ": 2\n\r\n"
9.400 ? waiting upstream
9.500 C> FIN
9.600 U> FIN
= {"kind":"event","bytes_out":16,"flags":["cut"],"error":"client_fin in the middle of the response"}
= {"kind":"conn","close_reason":"client_fin","closed_by":"client","detail":"1 exchange was in flight"}
---
# a request head that does not come to its end
begin h1
0.000 C> "GET / HT"
5.000 ? stalled client since 0.000
5.000 ? waiting upstream
5.000 ? between-requests no
6.000 P> client_read_timeout
= {"kind":"event","request":{"method":null,"path":null},"flags":["cut"],"error":"client_read_timeout in the middle of the request"}
= {"kind":"conn","close_reason":"client_read_timeout","closed_by":"proxy","detail":"decided","flags":["client_read_timeout"]}
---
# an idle connection has nothing to lose
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
60.000 ? between-requests yes
60.000 P> client_idle_timeout
= {"kind":"event","error":null}
= {"kind":"conn","close_reason":"client_idle_timeout","closed_by":"proxy","flags":["client_idle_timeout"]}
---
# shutdown cuts what is open
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
1.000 P> shutdown
= {"kind":"event","flags":["cut"],"error":"shutdown before the response"}
= {"kind":"conn","close_reason":"shutdown","closed_by":"proxy","flags":[]}
---
# a complete request and no answer: the upstream's turn, until the proxy gives up
begin h1
0.000 C> "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"
30.000 ? stalled upstream since 0.000
30.000 ? busy yes
30.000 P> upstream_read_timeout
= {"kind":"event","flags":["cut"],"error":"upstream_read_timeout before the response","duration_ms":30000.0}
= {"kind":"conn","close_reason":"upstream_read_timeout","closed_by":"proxy","flags":["upstream_read_timeout"],"path":"/slow"}
