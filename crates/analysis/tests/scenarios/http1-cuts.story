# the upstream closes before a byte of response (empty reply)
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> FIN
5.000 C> FIN
= {"kind":"event","flags":["cut"],"error":"upstream_fin before the response","ts_end":1700000000.01}
= {"kind":"conn","close_reason":"upstream_fin","closed_by":"upstream","detail":"1 exchange was in flight"}
---
# a request that meets the end of a kept connection
begin h1
0.000 C> "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
5.010 U> FIN
5.011 C> "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
5.012 U> RST
= {"kind":"event","request":{"path":"/1"},"error":null}
= {"kind":"event","request":{"path":"/2"},"flags":["cut"],"error":"upstream_fin before the response"}
= {"kind":"conn","close_reason":"upstream_fin","flags":["upstream_fin","upstream_rst"]}
---
# the upstream resets in the middle of sized content
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
0.020 U> RST
= {"kind":"event","bytes_out":3,"response":{"content_length":10},"flags":["cut"],"error":"upstream_rst in the middle of the response"}
= {"kind":"conn","close_reason":"upstream_rst","closed_by":"upstream","flags":["upstream_rst"],"detail":"1 exchange was in flight"}
---
# chunked content without its last chunk
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
0.020 U> FIN
0.020 C> FIN
= {"kind":"event","bytes_out":3,"flags":["cut"],"error":"upstream_fin in the middle of the response"}
= {"kind":"conn","close_reason":"upstream_fin"}
---
# the client leaves while it sends
begin h1
0.000 C> "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"
0.010 ? stalled client since 0.000
0.020 C> RST
= {"kind":"event","bytes_in":3,"flags":["cut"],"error":"client_rst in the middle of the request"}
= {"kind":"conn","close_reason":"client_rst","closed_by":"client","flags":["client_rst"]}
---
# a client that half-closes still gets its answer
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.001 C> FIN
0.010 U> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
0.020 U> FIN
= {"kind":"event","response":{"status":200},"flags":[],"error":null}
= {"kind":"conn","close_reason":"completed","closed_by":"client"}
---
# a reset of an idle connection is not an orderly end
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
0.020 C> RST
= {"kind":"event","error":null}
= {"kind":"conn","close_reason":"client_rst","detail":null}
---
# the upstream does not speak HTTP
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "SSH-2.0-OpenSSH_9.6\r\n"
0.020 U> FIN
0.030 C> FIN
= {"kind":"event","flags":["malformed","decoder_lost"],"response":{"status":null}}
= {"kind":"conn","close_reason":"upstream_protocol_error","closed_by":"upstream","flags":["client_fin","upstream_fin","decoder_lost_out"]}
---
# the client leaves after the upstream broke the protocol: not its fault
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
0.020 C> RST
= {"kind":"event","response":{"status":200},"flags":["malformed","decoder_lost"]}
= {"kind":"conn","close_reason":"upstream_protocol_error","closed_by":"client","flags":["client_rst","decoder_lost_out"]}
---
# the client does not speak HTTP, the upstream says so
begin h1
0.000 C> "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
0.010 U> "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
0.020 U> FIN
= {"kind":"event","flags":["malformed","decoder_lost","early_response","request_unfinished"],"response":{"status":400}}
= {"kind":"conn","close_reason":"client_protocol_error","closed_by":"upstream","flags":["upstream_fin","decoder_lost_in"]}
---
# the client sends nonsense after a good exchange
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
0.020 C> "\x00\x01\x02\x03"
0.030 U> FIN
= {"kind":"event","error":null}
= {"kind":"event","flags":["malformed","decoder_lost","cut"]}
= {"kind":"conn","close_reason":"client_protocol_error","closed_by":"upstream"}
---
# the response's head comes slowly, and never comes to its end
begin h1
0.000 C> "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
0.010 U> "HTTP/1.1 200 O"
0.500 U> "K\r\nContent-Length: 0\r\n\r\n"
1.000 C> "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
1.010 U> "HTTP/1.1 "
1.020 ? stalled upstream since 1.010
1.030 U> FIN
= {"kind":"event","ttfb_ms":10.0,"duration_ms":500.0,"error":null}
= {"kind":"event","flags":["cut"],"error":"upstream_fin in the middle of the response","ttfb_ms":null}
= {"kind":"conn","close_reason":"upstream_fin"}
