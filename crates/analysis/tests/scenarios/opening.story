# the upstream leaves before its SETTINGS
begin unknown
0.000 C> h2 PREFACE
0.010 U> FIN
0.020 C> FIN
= {"kind":"conn","close_reason":"upstream_fin","closed_by":"upstream","detail":"the upstream's SETTINGS had not come"}
---
# the upstream leaves first of all; the client has yet to say something
begin unknown
0.000 U> FIN
0.010 C> h2 PREFACE
0.020 C> FIN
= {"kind":"conn","close_reason":"upstream_fin","closed_by":"upstream"}
---
# the client waits for SETTINGS in vain
begin h2
0.000 C> h2 PREFACE
2.000 C> FIN
2.010 U> FIN
= {"kind":"conn","close_reason":"client_fin","closed_by":"client","detail":"the upstream's SETTINGS had not come"}
---
# the preface is answered with HTTP/1.1, and no request had been sent
begin unknown
0.000 C> h2 PREFACE
0.010 U> "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
0.011 U> FIN
0.020 C> FIN
= {"kind":"conn","close_reason":"upstream_protocol_error","closed_by":"upstream"}
---
# the same, and the request crosses the answer
begin h2
0.000 C> h2 PREFACE
0.010 U> "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
0.011 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/
0.020 C> FIN
= {"kind":"event","flags":["decoder_lost","malformed"],"error":"malformed: the upstream answered the HTTP/2 preface with 'HTTP/1.1 400 Bad Request' (RFC 9113 §3.4)"}
= {"kind":"conn","close_reason":"upstream_protocol_error"}
---
# the same, and the client had given up before
begin h2
0.000 C> h2 PREFACE
0.001 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/
2.000 C> FIN
2.010 U> "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
= {"kind":"event","flags":["decoder_lost","cut"],"error":"client_fin before the response"}
= {"kind":"conn","close_reason":"client_fin"}
---
# a whole answer, and no SETTINGS before it: no client takes it
begin h2
0.000 C> h2 PREFACE
0.010 C> h2 HEADERS 1 END :method=GET :scheme=https :authority=h :path=/
0.020 U> h2 HEADERS 1 END :status=200
0.030 C> FIN
= {"kind":"event","response":{"status":200},"flags":["malformed"]}
= {"kind":"conn","close_reason":"upstream_protocol_error"}
---
# after SETTINGS nobody is kept waiting
begin h2
0.000 C> h2 PREFACE
0.010 U> h2 SETTINGS
0.020 U> FIN
0.030 C> FIN
= {"kind":"conn","close_reason":"completed","closed_by":"upstream"}
---
# nobody says a word, and the upstream closes
begin unknown
5.000 U> FIN
5.010 C> FIN
= {"kind":"conn","close_reason":"upstream_fin","detail":"not a byte had come from either side"}
---
# nobody says a word, and the client closes: a port check
begin unknown
0.010 C> FIN
0.020 U> FIN
= {"kind":"conn","close_reason":"completed","closed_by":"client"}
