// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <optional>

QT_BEGIN_NAMESPACE
class QLabel;
class QLineEdit;
QT_END_NAMESPACE

namespace weir::gui {

inline constexpr quint64 kMinRateBits = 64'000;
inline constexpr quint64 kMaxRateBits = 100'000'000'000;
inline constexpr quint64 kMaxQuotaBytes = (quint64(1) << 63) - 1;

/// Something that people type with its unit: a rate in bits per second, a size in bytes, a time in seconds.
struct Quantity {
    enum class Kind { Rate, Size, Duration };
    Kind kind = Kind::Rate;
    quint64 least = kMinRateBits;
    quint64 most = kMaxRateBits;
    bool optional = false; ///< nothing, or "none", is an answer too
};

/// What was understood of a text.
struct Reading {
    bool fits = false;
    std::optional<quint64> value; ///< none while it does not fit, and where "none" was meant
    QString told;                 ///< for the one who types: "= 20 Mbit/s", or what is wrong
};

Reading read(const Quantity &quantity, const QString &typed);

/// As read() reads it back, exact; empty for none.
QString quantityText(Quantity::Kind kind, std::optional<quint64> value);

/// A line for a quantity, units typed freely, with what was understood beneath it.
class QuantityEdit : public QWidget
{
    Q_OBJECT
public:
    /// `name`: for screen readers; `example`: shown while nothing is typed.
    QuantityEdit(const Quantity &quantity, const QString &name, const QString &example,
                 QWidget *parent = nullptr);

    void setValue(std::optional<quint64> value);
    std::optional<quint64> value() const { return m_reading.value; }
    bool fits() const { return m_reading.fits; }
    /// What is wrong; empty when it fits.
    QString wrong() const { return m_reading.fits ? QString() : m_reading.told; }

    /// Something that is allowed but not wise, told behind what was understood. Empty: nothing.
    void setWarning(const QString &warning);

    QLineEdit *line() const { return m_line; }

Q_SIGNALS:
    void changed();

private:
    void showReading();

    Quantity m_quantity;
    QLineEdit *m_line;
    QLabel *m_hint;
    Reading m_reading;
    QString m_warning;
};

} // namespace weir::gui
