from glede.extractors.late import LateExtractor
from glede.extractors.nlp import NlpExtractor
from glede.knowledge import Extractor
from glede.testing.extractor_contract import ExtractorContract
from glede.testing.fake_extractor import FakeExtractor


class TestNlp(ExtractorContract):
    def extractor(self) -> Extractor:
        return NlpExtractor()


class TestFake(ExtractorContract):
    def extractor(self) -> Extractor:
        return FakeExtractor()


class TestLate(ExtractorContract):
    def extractor(self) -> Extractor:
        return LateExtractor(FakeExtractor)
