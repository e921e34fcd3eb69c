# two messages and a proper goodbye
begin h1
bodies 100
0.000 C> "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.020 C> ws TEXT "hello"
0.030 U> ws BINARY "\x00\x01"
0.035 U> ws PING
0.036 C> ws PONG
9.000 ? waiting upstream
9.000 ? waiting client
9.010 C> ws CLOSE 1000 "done"
9.020 U> ws CLOSE 1000
9.030 U> FIN
9.030 C> FIN
= {"kind":"event","protocol":"websocket","messages_in":1,"messages_out":1,"bytes_in":29,"flags":["tunnel"],"error":null,"request":{"body_b64":null},"websocket":{"close_from":"client","close_code":1000,"close_reason":"done","pings_out":1,"pongs_in":1,"pings_in":0,"messages_omitted":0,"messages":[{"ts":1700000000.02,"direction":"downstream","opcode":"text","length":5,"data":"hello","data_b64":null,"truncated":false},{"direction":"upstream","opcode":"binary","length":2,"data":null,"data_b64":"AAE="}]}}
= {"kind":"conn","close_reason":"completed","closed_by":"upstream"}
---
# the connection ends without a Close frame
begin h1
0.000 C> "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.020 U> ws TEXT "hello"
60.020 U> FIN
60.030 C> FIN
= {"kind":"event","protocol":"websocket","ts_end":1700000060.02,"messages_out":1,"flags":["tunnel","cut"],"error":"upstream_fin without a close frame (1006)","websocket":{"close_from":null,"close_code":null,"messages":[{"data":null,"data_b64":null,"truncated":false,"length":5}]}}
= {"kind":"conn","close_reason":"upstream_fin","detail":"1 exchange was in flight"}
---
# the client resets in the middle of a frame
begin h1
0.000 C> "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.020 C> "\x81\x85mask"
0.030 C> RST
= {"kind":"event","flags":["tunnel","cut"],"error":"client_rst without a close frame (1006)"}
= {"kind":"conn","close_reason":"client_rst"}
---
# the bytes end inside a frame
begin h1
0.000 C> "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.020 U> "\x81\x05he"
0.030 U> FIN
= {"kind":"event","flags":["tunnel","cut"],"error":"upstream_fin without a close frame (1006): the bytes end inside a TEXT frame, after 2 of 5 bytes of payload"}
= {"kind":"conn","close_reason":"upstream_fin"}
---
# closed for a reason that is an error
begin h1
0.000 C> "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.020 U> ws CLOSE 1011 "db is down"
0.030 C> ws CLOSE 1011
0.040 U> FIN
0.040 C> FIN
= {"kind":"event","flags":["tunnel"],"error":"websocket close 1011 Internal Error by upstream: db is down","websocket":{"close_from":"upstream","close_code":1011}}
= {"kind":"conn","close_reason":"completed"}
---
# a Close frame without a code is no error, and a reset after it neither
begin h1
0.000 C> "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.020 C> ws CLOSE
0.030 C> RST
= {"kind":"event","error":null,"websocket":{"close_from":"client","close_code":null}}
= {"kind":"conn","close_reason":"client_rst","detail":null}
---
# a frame that no frame can be
begin h1
0.000 C> "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.020 U> "\x83\x00"
0.030 C> FIN
0.030 U> FIN
= {"kind":"event","flags":["tunnel","decoder_lost","malformed","cut"]}
= {"kind":"conn","close_reason":"upstream_protocol_error","closed_by":"client"}
---
# compressed messages, though the header that says so is redacted and headers are dropped
begin h1
no-headers
bodies 100
0.000 C> "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
# the example of RFC 7692 section 7.2.3.1
0.020 U> "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"
0.030 U> ws CLOSE 1001
0.040 U> FIN
= {"kind":"event","error":null,"websocket":{"close_from":"upstream","messages":[{"data":"Hello","length":7,"compressed":false}]}}
= {"kind":"conn","close_reason":"completed"}
---
# a long text is kept up to the capture, not in the middle of a character
begin h1
bodies 4
0.000 C> "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.010 U> "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
0.020 C> ws TEXT "abc\xc3\xa9def"
0.030 C> ws CLOSE 1000
0.040 C> FIN
= {"kind":"event","websocket":{"messages":[{"data":"abc","length":8,"truncated":true}]}}
= {"kind":"conn","close_reason":"completed"}
---
# over HTTP/2, by extended CONNECT
begin h2
bodies 100
0.000 C> h2 PREFACE
0.000 U> h2 SETTINGS 8=1
0.010 C> h2 HEADERS 1 :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=h
0.020 U> h2 HEADERS 1 :status=200
0.030 C> h2 DATA 1 ws TEXT "hello"
0.040 C> h2 DATA 1 ws CLOSE 1000
0.050 U> h2 DATA 1 END ws CLOSE 1000
0.060 C> h2 DATA 1 END ""
0.070 C> FIN
= {"kind":"event","protocol":"websocket","request":{"stream_id":1,"path":"/chat"},"messages_in":1,"flags":["early_response","tunnel"],"error":null,"websocket":{"close_from":"client","close_code":1000,"messages":[{"data":"hello"}]}}
= {"kind":"conn","close_reason":"completed"}
---
# over HTTP/2, reset without a Close frame
begin h2
0.000 C> h2 PREFACE
0.000 U> h2 SETTINGS 8=1
0.010 C> h2 HEADERS 1 :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=h
0.020 U> h2 HEADERS 1 :status=200
0.030 C> h2 RST 1 8
0.040 C> h2 HEADERS 3 :method=CONNECT :protocol=websocket :scheme=https :path=/chat :authority=h
0.050 U> h2 HEADERS 3 :status=200
0.060 U> h2 DATA 3 END ""
0.070 C> h2 DATA 3 END ""
0.080 C> FIN
= {"kind":"event","request":{"stream_id":1},"flags":["early_response","tunnel","client_reset"],"error":"RST_STREAM CANCEL by client without a close frame (1006)"}
= {"kind":"event","request":{"stream_id":3},"error":"ended without a close frame (1006)"}
= {"kind":"conn","close_reason":"completed"}
