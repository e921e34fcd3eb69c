# bytes that nobody understands end well with an orderly end
begin raw
bodies 4
0.000 C> "hello"
0.010 U> "world"
9.000 ? waiting client
9.000 ? waiting upstream
9.000 ? busy yes
9.010 U> FIN
9.020 C> "bye"
9.030 C> FIN
= {"kind":"event","protocol":"raw","bytes_in":8,"bytes_out":5,"request":{"method":null,"body_b64":"aGVsbA==","body_truncated":true},"response":{"status":null},"flags":[],"error":null}
= {"kind":"conn","close_reason":"completed","closed_by":"upstream"}
---
# a reset cuts them
begin raw
0.000 C> "hello"
0.010 U> RST
= {"kind":"event","flags":["cut"],"error":"upstream_rst in the middle of the byte stream"}
= {"kind":"conn","close_reason":"upstream_rst"}
---
# without ALPN the server speaks first
begin unknown
0.000 U> "220 ready\r\n"
0.010 C> "QUIT\r\n"
0.020 C> FIN
0.020 U> FIN
= {"kind":"event","protocol":"raw","bytes_in":6,"bytes_out":11,"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# without ALPN: an HTTP/1 request, and it begins with its first byte
begin unknown
0.000 C> "G"
1.000 ? stalled client since 0.000
1.000 ? waiting upstream
2.000 C> "ET / HTTP/1.1\r\nHost: h\r\n\r\n"
2.010 U> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
2.020 C> FIN
= {"kind":"event","protocol":"http1","duration_ms":2010.0,"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# without ALPN: the upstream's SETTINGS come before the client's preface
begin unknown
0.000 U> h2 SETTINGS 3=100
0.010 C> h2 PREFACE
0.010 C> h2 HEADERS 1 END :method=GET :scheme=http :path=/x :authority=h
0.020 U> h2 HEADERS 1 END :status=200
0.030 C> FIN
= {"kind":"h2ctl","h2_event":"SETTINGS","direction":"upstream","details":{"changed":[{"setting":"MAX_CONCURRENT_STREAMS","old":null,"new":100}]}}
= {"kind":"event","protocol":"http2","request":{"stream_id":1,"path":"/x"},"error":null}
= {"kind":"conn","close_reason":"completed"}
---
# without ALPN: too little to tell is raw
begin unknown
0.000 C> "PRI * HT"
0.010 C> FIN
0.020 U> FIN
= {"kind":"event","protocol":"raw","bytes_in":8,"error":null}
= {"kind":"conn","close_reason":"completed","closed_by":"client"}
---
# nothing at all
begin unknown
0.000 ? busy no
0.010 ? waiting client
0.020 C> FIN
0.020 U> FIN
= {"kind":"conn","close_reason":"completed","bytes_in":0,"bytes_out":0,"path":null}
---
# a failure before anything was relayed
begin unknown
0.500 P> upstream_connect_timeout
= {"kind":"conn","close_reason":"upstream_connect_timeout","closed_by":"proxy","flags":["upstream_connect_timeout"]}
---
# CONNECT opens a tunnel that ends in an orderly way
begin h1
0.000 C> "CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n"
0.010 U> "HTTP/1.1 200 OK\r\n\r\n"
0.020 C> "ping"
0.030 U> "pong!"
9.000 ? waiting upstream
9.000 ? between-requests no
9.010 C> FIN
9.020 U> FIN
= {"kind":"event","protocol":"http1","request":{"method":"CONNECT","authority":"db:5432"},"bytes_in":4,"bytes_out":5,"flags":["tunnel"],"error":null}
= {"kind":"conn","close_reason":"completed","closed_by":"client"}
---
# a reset cuts the tunnel
begin h1
0.000 C> "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\nbytes"
0.020 U> RST
= {"kind":"event","response":{"status":101},"bytes_out":5,"flags":["tunnel","cut"],"error":"upstream_rst in the middle of the byte stream"}
= {"kind":"conn","close_reason":"upstream_rst"}
