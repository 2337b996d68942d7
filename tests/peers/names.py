"""A name server on loopback that knows some TXT records, so that handles lead somewhere without the internet."""

from __future__ import annotations

import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Names:
    """`texts` is name → text of its one TXT record; every other name does not exist."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:{1}".format(*self._socket.getsockname())
        threading.Thread(target=self._serve, name="names", daemon=True).start()

    def stop(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                data, client = self._socket.recvfrom(4096)
            except OSError:
                return
            self._socket.sendto(self._answer(dns.message.from_wire(data)).to_wire(), client)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer, question = dns.message.make_response(query), query.question[0]
        answer.flags |= dns.flags.RA
        text = self.texts.get(question.name.to_text(omit_final_dot=True).lower())
        if text and question.rdtype == dns.rdatatype.TXT:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", f'"{text}"'))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
