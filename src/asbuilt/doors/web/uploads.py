"""Uploads: to a file on disk while they arrive, and no further than the limit."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class LimitedUpload(TemporaryFileUploadHandler):
    """Refuses a file as soon as it is larger than UPLOAD_FILE_BYTES_MAX; what came so far is removed."""

    taken = 0

    def new_file(self, *args, **kwargs):
        self.taken = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data, start):
        self.taken += len(raw_data)
        if self.taken > settings.UPLOAD_FILE_BYTES_MAX:
            self.upload_interrupted()
            raise RequestDataTooBig("a file is larger than the limit")
        super().receive_data_chunk(raw_data, start)
